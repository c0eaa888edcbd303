import type { Instant } from '../model/ids.ts';
import type { SampleState } from '../model/evidence.ts';
import type { LearnedFact } from '../model/target/learned-fact.ts';
import type { Db } from './database.ts';
import { driftStatus, type DriftStatus } from './drift/drift-status.ts';
import { learnedFacts } from './snapshot/learned.ts';
import { orphanCounts } from './snapshot/orphans.ts';
import { secondLooks, type SecondLooks } from './snapshot/second-looks.ts';
import { optionalInstant } from './sqlite/rows.ts';
import type { Pause } from './store.ts';
import { openPauses } from './suspensions/pauses.ts';
import { openTargetBasics, type TargetBasics } from './target-basics.ts';

/** What `status` shows of one target. */
export interface TargetStatus extends Omit<TargetBasics, 'id'> {
  /** Undefined: passes process the target. */
  readonly paused: Pause | undefined;
  readonly users: { readonly active: number; readonly inactive: number };
  readonly groups: number;
  readonly memberships: number;
  /** Records and memberships whose last operation did not succeed, or is held. */
  readonly due: number;
  /** Accounts that may exist although the target never acknowledged the create. */
  readonly uncertain: number;
  /** Accounts that are proven missing at the target. */
  readonly missing: number;
  /** Accounts that the target refused to delete. */
  readonly deletionsRefused: number;
  readonly secondLooks: SecondLooks;
  /** Listed accounts with an externalId that no record has. */
  readonly orphans: number;
  /** Listed accounts without an owner and without an externalId. */
  readonly unowned: number;
  /** Where the target no longer holds what it acknowledged. */
  readonly drift: DriftStatus;
  /** When the target's users were last listed. */
  readonly listed: Instant | undefined;
  /** Kinds of write that the target accepts without effect, such as `update of users by PATCH inside Bulk`. */
  readonly ignoredWrites: readonly { readonly kind: string; readonly at: Instant }[];
  /** What the target refuses, or accepts without effect. */
  readonly learned: readonly LearnedFact[];
  /** The last ServiceProviderConfig that was readable; `{}`: the target works without one. */
  readonly discovery: unknown;
  /** When the ServiceProviderConfig was last requested. */
  readonly discoveryReadAt: Instant | undefined;
}

/** A create whose id was wrong did have an effect, and the look-up after it found the resource. */
function factsWithEffect(facts: readonly LearnedFact[], samples: SampleState): readonly LearnedFact[] {
  return facts.filter(({ kind, subject }) => kind !== 'writeIgnored' || samples[subject]?.action !== 'create');
}

interface DetailsRow {
  readonly samples: string | null;
  readonly discovery: string | null;
  readonly readAt: number | null;
  readonly listed: number | null;
}

/** Reads what `status` shows of each target, by name. */
export function targetStatuses(db: Db): readonly TargetStatus[] {
  const count = (sql: string, target: number): number => db.prepare(sql).pluck().get(target) as number;
  const pauses = openPauses(db);
  const details = db.prepare('select samples, discovery, discovery_read_at as readAt, listed from target where id = ?');
  return openTargetBasics(db)().map(({ id, name, lane, behind, last, failing }) => {
    const { samples, discovery, readAt, listed } = details.get(id) as DetailsRow;
    const facts = factsWithEffect(learnedFacts(db, id), samples === null ? {} : (JSON.parse(samples) as SampleState));
    return {
      name,
      lane,
      paused: pauses.find(({ target }) => target === name),
      users: {
        active: count(`select count(*) from account where target = ? and resource_type = 'User' and active = 1`, id),
        inactive: count(`select count(*) from account where target = ? and resource_type = 'User' and active = 0`, id),
      },
      groups: count(`select count(*) from account where target = ? and resource_type = 'Group'`, id),
      memberships: count('select count(*) from membership where target = ?', id),
      due:
        count('select count(*) from requeue where target = ?', id) +
        count('select count(*) from requeue_membership where target = ?', id),
      uncertain: count('select count(*) from requeue where target = ? and verify_first = 1', id),
      missing: count('select count(*) from account where target = ? and missing_since is not null', id),
      deletionsRefused: count('select count(*) from account where target = ? and deletion_refused_at is not null', id),
      behind,
      secondLooks: secondLooks(db, id),
      ...orphanCounts(db, id),
      drift: driftStatus(db, id),
      listed: optionalInstant(listed),
      last,
      ignoredWrites: facts
        .filter(({ kind }) => kind === 'writeIgnored')
        .map(({ subject, confirmedAt }) => ({ kind: subject, at: confirmedAt })),
      learned: facts,
      discovery: discovery === null ? undefined : (JSON.parse(discovery) as unknown),
      discoveryReadAt: optionalInstant(readAt),
      failing,
    };
  });
}
