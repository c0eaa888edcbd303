import { instant, type Instant } from '../model/ids.ts';
import type { SampleState } from '../model/evidence.ts';
import type { LaneState } from '../model/target/lane-state.ts';
import type { LearnedFact } from '../model/target/learned-fact.ts';
import type { Db } from './database.ts';
import { driftStatus, type DriftStatus } from './drift/drift-status.ts';
import { openFailing, type FailingRecord } from './failing.ts';
import { laneState } from './lanes/lanes.ts';
import { learnedFacts } from './snapshot/learned.ts';
import { orphanCounts } from './snapshot/orphans.ts';
import { secondLooks, type SecondLooks } from './snapshot/second-looks.ts';
import { optionalInstant } from './sqlite/rows.ts';
import type { Pause } from './store.ts';
import { openPauses } from './suspensions/pauses.ts';

/** What `status` shows of one target. */
export interface TargetStatus {
  readonly name: string;
  /** What its lane did when it last changed; undefined: it is free. */
  readonly lane: LaneState | undefined;
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
  /** Number of readings that were committed since this target was last compared. */
  readonly behind: number;
  readonly last:
    | {
        readonly pass: number;
        readonly at: Instant;
        readonly ended: Instant | undefined;
        readonly result: string | undefined;
        readonly summary: unknown;
      }
    | undefined;
  /** Kinds of write that the target accepts without effect, such as `update of users by PATCH inside Bulk`. */
  readonly ignoredWrites: readonly { readonly kind: string; readonly at: Instant }[];
  /** What the target refuses, or accepts without effect. */
  readonly learned: readonly LearnedFact[];
  /** The last ServiceProviderConfig that was readable; `{}`: the target works without one. */
  readonly discovery: unknown;
  /** When the ServiceProviderConfig was last requested. */
  readonly discoveryReadAt: Instant | undefined;
  /** The first records and groups whose last operation did not succeed, with the last response. */
  readonly failing: readonly FailingRecord[];
}

/** A create whose id was wrong did have an effect, and the look-up after it found the resource. */
function factsWithEffect(facts: readonly LearnedFact[], samples: SampleState): readonly LearnedFact[] {
  return facts.filter(({ kind, subject }) => kind !== 'writeIgnored' || samples[subject]?.action !== 'create');
}

/** Reads what `status` shows of each target, by name. */
export function targetStatuses(db: Db): readonly TargetStatus[] {
  const reading = (db.prepare('select number from reading').pluck().get() as number | undefined) ?? 0;
  const count = (sql: string, target: number): number => db.prepare(sql).pluck().get(target) as number;
  const last = db.prepare(`
    select p.id as pass, p.started as at, p.ended, p.result, t.summary
    from pass_target t
    join pass p on p.id = t.pass
    where t.target = ?
    order by t.pass desc
    limit 1`);
  const failing = openFailing(db);
  const pauses = openPauses(db);
  const targets = db
    .prepare(
      `
      select id, name, planned_reading as plannedReading, samples, discovery, discovery_read_at as readAt,
        listed
      from target
      order by name`,
    )
    .all() as {
    id: number;
    name: string;
    plannedReading: number;
    samples: string | null;
    discovery: string | null;
    readAt: number | null;
    listed: number | null;
  }[];
  return targets.map(({ id, name, plannedReading, samples, discovery, readAt, listed }) => {
    const facts = factsWithEffect(learnedFacts(db, id), samples === null ? {} : (JSON.parse(samples) as SampleState));
    const row = last.get(id) as
      { pass: number; at: number; ended: number | null; result: string | null; summary: string } | undefined;
    return {
      name,
      lane: laneState(db, id),
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
      behind: Math.max(0, reading - plannedReading),
      secondLooks: secondLooks(db, id),
      ...orphanCounts(db, id),
      drift: driftStatus(db, id),
      listed: optionalInstant(listed),
      last:
        row === undefined
          ? undefined
          : {
              pass: row.pass,
              at: instant(row.at),
              ended: optionalInstant(row.ended),
              result: row.result ?? undefined,
              summary: JSON.parse(row.summary) as unknown,
            },
      ignoredWrites: facts
        .filter(({ kind }) => kind === 'writeIgnored')
        .map(({ subject, confirmedAt }) => ({ kind: subject, at: confirmedAt })),
      learned: facts,
      discovery: discovery === null ? undefined : (JSON.parse(discovery) as unknown),
      discoveryReadAt: optionalInstant(readAt),
      failing: failing(id),
    };
  });
}
