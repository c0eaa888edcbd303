import { instant, sourceKey, type Instant, type SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { Freeze, FreezeRecord, FrozenCandidates, OperatorMark, Suspensions } from './suspensions-interface.ts';

interface FreezeRow {
  readonly key: string;
  readonly name: string;
  readonly since: number;
  readonly operator: string;
  readonly host: string;
  readonly reason: string;
  readonly until: number | null;
  readonly ended: number | null;
  readonly ended_by: string | null;
  readonly ended_host: string | null;
}

const columns = 'key, name, since, operator, host, reason, until, ended, ended_by, ended_host';

/** The freezes in force, by key. */
export function openFreezes(db: Db): readonly Freeze[] {
  return (db.prepare(`select ${columns} from freeze where ended is null order by key`).all() as FreezeRow[]).map(
    toFreeze,
  );
}

/** All freezes, in order of their begin. */
export function allFreezes(db: Db): readonly FreezeRecord[] {
  return (db.prepare(`select ${columns} from freeze order by since, id`).all() as FreezeRow[]).map(toFreeze);
}

/** When the first freeze in force ends by time after a moment; undefined: none does. */
export function nextFreezeEnd(db: Db, after: Instant): Instant | undefined {
  return optionalInstant(
    db.prepare('select min(until) from freeze where ended is null and until > ?').pluck().get(after) as number | null,
  );
}

function toFreeze(row: FreezeRow): FreezeRecord {
  const { key, name, since, operator, host, reason, until, ended } = row;
  return {
    ...{ key: sourceKey(key), name, begun: { at: instant(since), operator, host }, reason },
    until: optionalInstant(until),
    ended:
      ended === null
        ? undefined
        : { at: instant(ended), operator: row.ended_by ?? undefined, host: row.ended_host ?? '' },
  };
}

/** Opens the users for whom nothing is changed. */
export function openFreezeLog(db: Db): Pick<Suspensions, 'freezes' | 'freeze' | 'unfreeze' | 'endFreezes'> {
  // A planning may have judged a later moment than the clock shows now: it must not hide the end of the freeze.
  const end = `
    update freeze
    set ended = max(:at, 1 + (select coalesce(max(planned_at), 0) from target)), ended_by = :operator,
      ended_host = :host
    where ended is null`;
  const unfreeze = (key: SourceKey, { at, operator, host }: OperatorMark): void => {
    db.prepare(`${end} and key = :key`).run({ key, at, operator, host });
  };
  return {
    freezes: () => openFreezes(db),
    async freeze({ key, name, begun, reason, until }) {
      unfreeze(key, begun);
      db.prepare(
        'insert into freeze (key, name, since, operator, host, reason, until) values (?, ?, ?, ?, ?, ?, ?)',
      ).run(key, name, begun.at, begun.operator, begun.host, reason, until ?? null);
    },
    async unfreeze(key, mark) {
      unfreeze(key, mark);
    },
    async endFreezes(now) {
      db.prepare(`${end} and until <= :at`).run({ at: now, operator: null, host: null });
    },
  };
}

/** The users with a freeze that is in force, or ended since the target was last planned. */
const frozenSincePlanned = `
  select key from freeze where ended is null
  union
  select key from freeze where ended > coalesce((select planned_at from target where id = :target), 0)`;

/** Opens what freezes mean for one target. `openCandidates` has created the table of candidates. */
export function openFrozenCandidates(db: Db, target: number): FrozenCandidates {
  const addUsers = db.prepare(
    `insert or ignore into candidate (resource_type, key) select 'User', key from (${frozenSincePlanned})`,
  );
  const groupsOf = (users: string): string => `
    select m.group_key as key
    from (${users}) u
    cross join membership m on m.target = :target
      and m.member_type = 'User'
      and m.member_key = u.key
    union
    select r.group_key
    from (${users}) u
    cross join requeue_membership r on r.target = :target
      and r.in_doubt = 1
      and r.member_key = u.key`;
  const addGroups = db.prepare(
    `insert or ignore into candidate (resource_type, key) select 'Group', key from (${groupsOf(frozenSincePlanned)})`,
  );
  const selectGroups = db.prepare(groupsOf('select key from freeze where ended is null')).pluck();
  const selectThawed = db
    .prepare(`select key from (${frozenSincePlanned}) where key not in (select key from freeze where ended is null)`)
    .pluck();
  return {
    async selectFrozen(withGroups) {
      addUsers.run({ target });
      if (withGroups) addGroups.run({ target });
    },
    async frozenUsers() {
      return new Set(openFreezes(db).map(({ key }) => key));
    },
    async thawedUsers() {
      return new Set((selectThawed.all({ target }) as string[]).map(sourceKey));
    },
    async groupsOfFrozen() {
      return new Set((selectGroups.all({ target }) as string[]).map(sourceKey));
    },
  };
}
