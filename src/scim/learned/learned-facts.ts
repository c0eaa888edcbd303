import type { Instant } from '../../model/ids.ts';
import type { FactName, LearnedFact } from '../../model/target/learned-fact.ts';
import { afterRefusal, isEstablished, isRetained, isTryDue } from './fact-rules.ts';

/**
 * What one target refuses, over all passes:
 *
 *     refused → suspected → learned ─── the next pass ───→ one operation tries the original way
 *                              confirmed ── a day later ──→     │                │
 *                                  ↑                            │                │
 *                                  └── refused: new date ←──────┘                └→ accepted: forgotten
 */
export interface LearnedFacts {
  /** The target refused the original way. @param resource the resource of the request */
  refused(name: FactName, evidence: { readonly resource: string; readonly status?: number | undefined }): void;
  /** The target accepted the original way. */
  accepted(name: FactName): void;
  /** Whether the other way is used, apart from an operation that tries the original way. */
  holds(name: FactName): boolean;
  /**
   * Whether this operation uses the other way. Where the original way is to be tried, the answer is no for the first
   * operation of the pass that asks.
   *
   * @param tries number of operations that may try the original way in one pass
   */
  appliesTo(name: FactName, tries?: number): boolean;
  /** Whether the fact holds and the original way is to be tried again. */
  isTryDue(name: FactName): boolean;
  find(name: FactName): LearnedFact | undefined;
  /** Continues with the facts of earlier passes, in this pass. */
  restore(facts: readonly LearnedFact[], pass: number): void;
  /** All facts, to be kept until the next pass. */
  readonly all: readonly LearnedFact[];
}

/** Starts without facts; `restore` adds those of earlier passes. */
export function createLearnedFacts(now: () => Instant): LearnedFacts {
  const facts = new Map<string, LearnedFact>();
  const tried = new Map<string, number>();
  let currentPass = 0;

  // Most targets have none, and each request asks for several.
  const find = (name: FactName): LearnedFact | undefined => (facts.size === 0 ? undefined : facts.get(keyOf(name)));
  const holds = (name: FactName): boolean => {
    const fact = find(name);
    return fact !== undefined && isEstablished(fact);
  };
  const tryDue = (name: FactName): boolean => {
    const fact = find(name);
    return fact !== undefined && isEstablished(fact) && isTryDue(fact, currentPass, now());
  };

  return {
    refused(name, { resource, status }) {
      const refusal = { resource, status, pass: currentPass, at: now() };
      facts.set(keyOf(name), afterRefusal(name, find(name), refusal));
    },
    accepted(name) {
      facts.delete(keyOf(name));
    },
    holds,
    appliesTo(name, tries = 1) {
      if (!holds(name)) return false;
      const count = tried.get(keyOf(name)) ?? 0;
      if (!tryDue(name) || count >= tries) return true;
      tried.set(keyOf(name), count + 1);
      return false;
    },
    isTryDue: tryDue,
    find,
    restore(earlier, pass) {
      currentPass = pass;
      for (const fact of earlier) facts.set(keyOf(fact), fact);
    },
    get all() {
      return [...facts.values()].filter((fact) => isRetained(fact, now()));
    },
  };
}

const keyOf = ({ kind, subject }: FactName): string => `${kind} ${subject}`;
