import type { Instant, RemoteId, SourceKey } from '../model/ids.ts';
import { remoteId, sourceKey } from '../model/ids.ts';
import { kinds, namePath, type Kind } from '../model/kind.ts';
import type { Member } from '../model/operation.ts';
import type { Found, SnapshotChange } from '../model/outcome.ts';
import { managerPath } from '../model/path.ts';
import type { Totals } from '../model/plan.ts';
import type { Body, Known } from '../model/resource.ts';
import type { Db } from './database.ts';
import { toKnown, type AccountRow } from './rows.ts';

const accountColumns = 'kind, key, remote_id, body, active, inactive_since, version, origin, doubtful';

/** What one target last acknowledged. */
export type Snapshot = ReturnType<typeof openSnapshot>;

export function openSnapshot(db: Db, target: number) {
  const one = db.prepare(`select ${accountColumns} from account where target = ? and kind = ? and key = ?`);
  const named = db.prepare(`select ${accountColumns} from account where target = ? and kind = ? and name = ? limit 10`);
  const idOf = db.prepare('select remote_id from account where target = ? and kind = ? and key = ?').pluck();
  const ownerOf = db.prepare('select key from account where target = ? and kind = ? and remote_id = ?').pluck();
  const membersOf = db.prepare(
    'select member_kind as kind, member_key as key from membership where target = ? and group_key = ?',
  );
  const isMember = db
    .prepare(
      `select 1 from membership m where target = ? and group_key = ? and member_kind = ? and member_key = ?
    and not exists (select 1 from due_edge d where d.target = m.target and d.group_key = m.group_key and d.member_key = m.member_key and d.doubtful = 1)`,
    )
    .pluck();
  const doubtful = db.prepare(
    `select ${accountColumns} from account where target = ? and doubtful is not null limit ?`,
  );
  const count = db.prepare('select count(*) from account where target = ? and kind = ?').pluck();
  const countActive = db
    .prepare(`select count(*) from account where target = ? and kind = 'User' and active = 1`)
    .pluck();
  const countMembers = db.prepare('select count(*) from membership where target = ? and group_key = ?').pluck();
  const countMemberships = db.prepare('select count(*) from membership where target = ?').pluck();

  const upsert =
    db.prepare(`insert into account (target, kind, key, remote_id, body, name, active, inactive_since, version, manager, origin, doubtful, changed_at)
    values (:target, :kind, :key, :remoteId, :body, :name, :active, :inactiveSince, :version, :manager, :origin, :doubtful, :now)
    on conflict (target, kind, key) do update set remote_id = :remoteId, body = :body, name = :name, active = :active,
      inactive_since = iif(:active = 1, null, coalesce(inactive_since, :inactiveSince)), version = :version, manager = :manager, doubtful = :doubtful, changed_at = :now`);
  const forget = db.prepare('delete from account where target = ? and kind = ? and key = ?');
  const forgetMembersOf = db.prepare('delete from membership where target = ? and group_key = ?');
  const forgetMember = db.prepare('delete from membership where target = ? and member_kind = ? and member_key = ?');
  const addMember = db.prepare(
    'insert or ignore into membership (target, group_key, member_kind, member_key) values (?, ?, ?, ?)',
  );
  const removeMember = db.prepare(
    'delete from membership where target = ? and group_key = ? and member_kind = ? and member_key = ?',
  );
  const setDoubtful = db.prepare('update account set doubtful = ? where target = ? and kind = ? and key = ?');
  const doubtEdge = db.prepare(`insert into due_edge (target, group_key, member_key, doubtful) values (?, ?, ?, 1)
    on conflict (target, group_key, member_key) do update set doubtful = 1`);
  const forgetDoubtsAbout = db.prepare(
    'update due_edge indexed by due_edge_in_doubt set doubtful = 0 where target = ? and member_key = ? and doubtful = 1',
  );
  const forgetDoubts = db.prepare(
    'update due_edge set doubtful = 0 where target = ? and group_key = ? and doubtful = 1',
  );
  // Who pointed to an account that is another now, or none, points to nothing there: the same has to be said again.
  const doubtReferrers = db.prepare(`update account set doubtful = json_insert(coalesce(doubtful, '[]'), '$[#]', ?)
    where target = ? and manager = ? and not exists (select 1 from json_each(coalesce(doubtful, '[]')) where value = ?)`);
  const setVersion = db.prepare('update account set version = ? where target = ? and kind = ? and key = ?');

  const known = (kind: Kind, key: SourceKey): Known | undefined => {
    const row = one.get(target, kind, key) as AccountRow | undefined;
    return row === undefined ? undefined : toKnown(row);
  };
  const remoteIdOf = (kind: Kind, key: SourceKey): RemoteId | undefined => {
    const id = idOf.get(target, kind, key) as string | undefined;
    return id === undefined ? undefined : remoteId(id);
  };
  const owner = (kind: Kind, id: RemoteId): SourceKey | undefined => {
    const key = ownerOf.get(target, kind, id) as string | undefined;
    return key === undefined ? undefined : sourceKey(key);
  };

  interface Written {
    readonly remoteId: RemoteId;
    readonly body: Body;
    readonly active: boolean;
    readonly version: string | undefined;
    readonly origin: Known['origin'];
    readonly doubtful: readonly string[];
  }
  const write = (kind: Kind, key: SourceKey, account: Written, now: Instant): void => {
    upsert.run({
      target,
      kind,
      key,
      now,
      remoteId: account.remoteId,
      body: JSON.stringify(account.body),
      name: nameOf(kind, account.body),
      active: account.active ? 1 : 0,
      inactiveSince: account.active ? null : now,
      version: account.version ?? null,
      manager: managerOf(account.body) ?? null,
      origin: account.origin,
      doubtful: account.doubtful.length === 0 ? null : JSON.stringify(account.doubtful),
    });
  };

  const losePointers = (kind: Kind, key: SourceKey): void => {
    if (kind === 'User') doubtReferrers.run(managerPath, target, key, managerPath);
  };
  const forgetAll = (kind: Kind, key: SourceKey): void => {
    forget.run(target, kind, key);
    losePointers(kind, key);
    if (kind === 'Group') {
      forgetMembersOf.run(target, key);
      forgetDoubts.run(target, key);
    }
    forgetMember.run(target, kind, key);
    forgetDoubtsAbout.run(target, key);
  };
  const rememberAs = (
    kind: Kind,
    key: SourceKey,
    change: Extract<SnapshotChange, { kind: 'remember' }>,
    now: Instant,
  ): void => {
    const before = known(kind, key);
    const id = idAfter(change, before?.remoteId);
    if (id === undefined) return;
    if (before !== undefined && id !== before.remoteId) losePointers(kind, key);
    write(
      kind,
      key,
      {
        remoteId: id,
        body: change.body,
        active: change.active,
        version: change.version,
        origin: before?.origin ?? 'created',
        doubtful: change.doubtful ?? [],
      },
      now,
    );
  };
  const adopt = (kind: Kind, key: SourceKey, found: Found, now: Instant): void => {
    if (![undefined, found.remoteId].includes(remoteIdOf(kind, key))) losePointers(kind, key);
    write(
      kind,
      key,
      {
        remoteId: found.remoteId,
        body: found.body,
        active: found.active,
        version: found.version,
        origin: 'adopted',
        doubtful: [],
      },
      now,
    );
    for (const id of found.members ?? []) {
      // Members that are nobody's of ours stay where they are: what has no snapshot row is never removed.
      const memberKind = kinds.find((candidate) => owner(candidate, id) !== undefined);
      if (memberKind !== undefined) addMember.run(target, key, memberKind, owner(memberKind, id));
    }
  };

  return {
    known,
    owner,
    knownByName: (kind: Kind, foldedName: string): readonly Known[] =>
      (named.all(target, kind, foldedName) as AccountRow[]).map(toKnown),
    remoteIdOf,
    /** Accounts of which it is not known what the target holds. */
    doubtful: (limit: number): readonly Known[] => (doubtful.all(target, limit) as AccountRow[]).map(toKnown),
    countMembers: (group: SourceKey): number => countMembers.get(target, group) as number,
    membersOf: (group: SourceKey): readonly Member[] => membersOf.all(target, group) as Member[],
    isMember: (group: SourceKey, member: Member): boolean =>
      isMember.get(target, group, member.kind, member.key) !== undefined,
    activeUsers: (): number => countActive.get(target) as number,
    totals: (): Totals['known'] => ({
      users: count.get(target, 'User') as number,
      groups: count.get(target, 'Group') as number,
      memberships: countMemberships.get(target) as number,
    }),

    /** Carries out what `settle` decided. */
    apply(kind: Kind, key: SourceKey, change: SnapshotChange, now: Instant): void {
      switch (change.kind) {
        case 'keep':
          return;
        case 'doubt':
          setDoubtful.run(
            JSON.stringify([...new Set([...(known(kind, key)?.doubtful ?? []), ...change.paths])]),
            target,
            kind,
            key,
          );
          return;
        case 'doubtMembers':
          // Whoever has no account there cannot have been said.
          for (const member of change.members)
            if (remoteIdOf(member.kind, member.key) !== undefined) doubtEdge.run(target, key, member.key);
          return;
        case 'forget':
          forgetAll(kind, key);
          return;
        case 'remember':
          rememberAs(kind, key, change, now);
          return;
        case 'adopt':
          adopt(kind, key, change.found, now);
          return;
        case 'members':
          for (const member of change.removed) removeMember.run(target, key, member.kind, member.key);
          for (const member of change.added) addMember.run(target, key, member.kind, member.key);
          setVersion.run(change.version ?? null, target, kind, key);
      }
    },
  };
}

/** The id that an account has there after a change; undefined: there is none. */
export function idAfter(change: SnapshotChange, before: RemoteId | undefined): RemoteId | undefined {
  switch (change.kind) {
    case 'forget':
      return undefined;
    case 'adopt':
      return change.found.remoteId;
    case 'remember':
      return change.remoteId ?? before;
    default:
      return before;
  }
}

/** The key of the person that a body points to. What a target sent may be of any form; only a text can be a key. */
export function managerOf(body: Body | undefined): string | undefined {
  const manager = body?.[managerPath];
  return typeof manager === 'string' ? manager : undefined;
}

/** The name that has to be unique at a target, without regard to case (RFC 7643 section 4.1.1: userName is caseExact false). */
export function nameOf(kind: Kind, body: Body): string {
  const name = body[namePath(kind)];
  return typeof name === 'string' ? name.toLowerCase() : '';
}
