import type { Instant } from '../../model/ids.ts';
import type { FactKind, FactName, LearnedFact } from '../../model/target/learned-fact.ts';
import { dayMs } from '../../model/time.ts';

/**
 * How much evidence a fact has.
 *
 *     suspected   one resource was refused: only that request is sent in the other way
 *     learned     two different resources were refused: the other way is used, and the next pass tries the original way
 *     confirmed   a later pass was refused, too: the other way is used, and the original way is tried once a day
 */
export type FactStage = 'suspected' | 'learned' | 'confirmed';

/** The evidence that a kind of fact needs. */
interface EvidenceRule {
  /** Different resources, for `learned`. */
  readonly resources: 1 | 2;
  /** Different passes, for `confirmed`. */
  readonly passes: 1 | 2;
}

/** A gateway may refuse a method once, so one refusal is not enough. */
const repeated: EvidenceRule = { resources: 2, passes: 2 };
/** One refusal concerns any request of this kind, and the next pass has to confirm it. */
const general: EvidenceRule = { resources: 1, passes: 2 };
/** The evidence consists of several requests, or of a read: it is enough by itself. */
const sufficient: EvidenceRule = { resources: 1, passes: 1 };

const rules: Readonly<Record<FactKind, EvidenceRule>> = {
  patchRefused: repeated,
  deleteRefused: repeated,
  ifMatchRefused: repeated,
  ifMatchRequired: repeated,
  membersRefused: sufficient,
  writeIgnored: sufficient,
  operationsIgnored: sufficient,
  activeHidden: sufficient,
  membersCut: sufficient,
  externalIdNotFound: sufficient,
  externalIdSearchRefused: repeated,
  membersTooLarge: general,
  bulkTooLarge: general,
  bulkRefused: general,
};

/** A resource that is refused in this number of passes, and is the only one, counts like two resources. */
const enoughPasses = 3;
/** The original way is tried again after this time: applications get fixed. */
const retryAfterMs = dayMs;
/** A fact that no pass confirmed for this time is forgotten. */
const retentionMs = 30 * dayMs;

/** What a refusal showed. */
export interface Refusal {
  readonly resource: string;
  readonly status: number | undefined;
  readonly pass: number;
  readonly at: Instant;
}

/** The fact after one more refusal. A success removes the fact, so `before` counts refusals in a row. */
export function afterRefusal(
  { kind, subject }: FactName,
  before: LearnedFact | undefined,
  { resource, status, pass, at }: Refusal,
): LearnedFact {
  const evidence = { status, resource, pass, confirmedAt: at };
  if (before === undefined) return { kind, subject, ...evidence, resources: 1, passes: 1, learnedAt: at };
  return {
    ...before,
    ...evidence,
    resources: before.resource === resource ? before.resources : 2,
    passes: before.pass === pass ? before.passes : before.passes + 1,
  };
}

/** The stage that the evidence of a fact has reached. */
export function stageOf({ kind, resources, passes }: LearnedFact): FactStage {
  const rule = rules[kind];
  if (resources < rule.resources && passes < enoughPasses) return 'suspected';
  return passes < rule.passes ? 'learned' : 'confirmed';
}

/** Whether the other way is used. */
export const isEstablished = (fact: LearnedFact): boolean => stageOf(fact) !== 'suspected';

/**
 * Whether one operation of this pass tries the original way: a day after the last refusal, and in the pass after the
 * one that learned the fact, so that it is confirmed or forgotten.
 */
export const isTryDue = (fact: LearnedFact, pass: number, now: Instant): boolean =>
  (stageOf(fact) === 'learned' && fact.pass !== pass) || now - fact.confirmedAt >= retryAfterMs;

/** Whether the fact is still worth keeping. */
export const isRetained = ({ confirmedAt }: LearnedFact, now: Instant): boolean => now - confirmedAt < retentionMs;
