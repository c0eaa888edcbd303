import type { SourceKey } from '../model/ids.ts';
import type { Instant } from '../model/ids.ts';
import { namePath, type Kind } from '../model/kind.ts';
import type { ResourceOperation } from '../model/operation.ts';
import type { Wish } from '../model/resource.ts';
import type { Rules } from '../desired/rules.ts';
import { leaverAction, leaversAt } from '../plan/departure.ts';
import { diff, displayName, type DiffRules } from '../plan/diff.ts';
import type { Standing } from '../plan/members.ts';
import type { Candidate, TargetStore } from '../store/store.ts';
import type { TargetSpec } from './spec.ts';

/** One record at one target: what is wished, what is known, and where it will be once the plan is carried out. */
export interface Considered {
  readonly candidate: Candidate;
  readonly wish: Wish;
  readonly operation: ResourceOperation | undefined;
  readonly standing: Standing;
  /** It has an account when the plan begins. */
  readonly known: boolean;
}

/** What others need to know of a record that they point to. */
export interface Fate {
  readonly standing: Standing;
  readonly known: boolean;
  readonly action: ResourceOperation['action'] | undefined;
  /** Its own name becomes free. */
  readonly frees: boolean;
  /** What a person calls it. */
  readonly name: string;
}

/** By what records are compared at a target: the operator's rules, as far as the application can follow them. */
export function diffRulesOf({ leavers, profile }: TargetSpec, rules: Rules): DiffRules {
  const { deletion, deletionIsFinal } = profile.speaks;
  return {
    leavers: leaversAt(leavers, deletion),
    asked: leavers,
    deletionIsFinal,
    paths: rules.paths,
    holds: profile.holds,
  };
}

/** Enough for the managers and groups that a page of records points to; the rest is asked again. */
const remembered = 50_000;

/**
 * Decides one record, without its references: they depend on other records, and those on this one.
 */
export function consider(candidate: Candidate, rules: Rules, diffRules: DiffRules, now: Instant): Considered {
  const { kind, key, record, known } = candidate;
  const wish: Wish = record === undefined ? { kind: 'absent', because: 'left' } : rules.wish(record);
  const operation = diff({ kind, key, wish, known }, diffRules, now);
  // An expression that fails protects: what cannot be judged is not touched.
  const isProtected =
    known !== undefined &&
    (rules.protects(known.body) !== false || (wish.kind === 'present' && rules.protects(wish.body) !== false));
  return {
    candidate,
    wish,
    operation,
    known: known !== undefined,
    standing: isProtected ? 'protected' : standingOf(kind, wish, diffRules),
  };
}

function standingOf(kind: Kind, wish: Wish, { leavers, holds }: DiffRules): Standing {
  switch (wish.kind) {
    case 'present':
      return 'present';
    case 'rejected':
      return 'kept';
    case 'absent': {
      if (kind === 'Group' && holds.givenGroups) return 'emptied';
      const action = kind === 'Group' ? leavers.groups : leaverAction(wish.because, leavers);
      return action === 'keep' ? 'kept' : 'absent';
    }
  }
}

/** Answers for any record, candidate or not, where it will be; remembers the answers of a page or so. */
export function openFates(store: TargetStore, rules: Rules, diffRules: DiffRules, now: Instant) {
  let fates = new Map<string, Fate>();
  const remember = (kind: Kind, key: SourceKey, considered: Considered): Fate => {
    if (fates.size >= remembered) fates = new Map();
    const { standing, known, operation } = considered;
    const fate: Fate = {
      standing,
      known,
      action: standing === 'protected' ? undefined : operation?.action,
      frees: freesName(considered),
      name: nameOfConsidered(considered),
    };
    fates.set(`${kind}:${key}`, fate);
    return fate;
  };
  return {
    remember,
    async of(kind: Kind, key: SourceKey): Promise<Fate> {
      return (
        fates.get(`${kind}:${key}`) ??
        remember(kind, key, consider(await store.candidate(kind, key), rules, diffRules, now))
      );
    },
  };
}

export type Fates = ReturnType<typeof openFates>;

function freesName({ candidate, operation }: Considered): boolean {
  return (
    operation !== undefined &&
    'edits' in operation &&
    operation.edits.some(({ path }) => path === namePath(candidate.kind))
  );
}

function nameOfConsidered({ candidate: { kind, key, known }, wish }: Considered): string {
  if (wish.kind === 'present') return displayName(kind, wish.body);
  return known === undefined ? key : displayName(kind, known.body);
}
