import type { SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import { openCandidates } from './candidates.ts';
import type { Db } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import { openInventory } from './inventory.ts';
import { optionalInstant, toRecord, type RecordRow } from './rows.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import type { TargetStore } from './store.ts';

/** A target's part of the state, with what the journal needs of it to write answers. */
export interface OpenTarget extends TargetStore {
  readonly id: number;
  readonly snapshot: Snapshot;
}

export function openTarget(db: Db, commits: GroupCommit, name: string): OpenTarget {
  db.prepare('insert or ignore into target (name) values (?)').run(name);
  const id = db.prepare('select id from target where name = ?').pluck().get(name) as number;
  const snapshot = openSnapshot(db, id);
  const candidates = openCandidates(db, id);

  const state = db.prepare('select derived, rules, discovery, listed from target where id = ?');
  const setDiscovery = db.prepare('update target set discovery = ? where id = ?');
  const setListed = db.prepare('update target set listed = ? where id = ?');
  const setDerived = db.prepare('update target set derived = ?, rules = ? where id = ?');
  const presentRecord = db.prepare(
    'select kind, key, active, attributes from record where kind = ? and key = ? and gone is null',
  );
  const uncertain = db.prepare('select uncertain from due where target = ? and kind = ? and key = ?').pluck();
  const wait = db.prepare(
    'insert into waiting (target, key, manager) values (?, ?, ?) on conflict (target, key) do update set manager = excluded.manager',
  );
  const stopWaiting = db.prepare('delete from waiting where target = ? and key = ?');
  const followUpOn = db.prepare(`insert into due (target, kind, key, follow_up) values (?, ?, ?, 1)
    on conflict (target, kind, key) do update set follow_up = 1`);
  const followUp = db
    .prepare(
      `select exists (select 1 from due where target = :id and follow_up = 1)
    or exists (select 1 from due_edge where target = :id and follow_up = 1)`,
    )
    .pluck();

  const dueState = (kind: Kind, key: SourceKey): { uncertain: boolean; due: boolean } => {
    const row = uncertain.get(id, kind, key) as number | undefined;
    return { uncertain: row === 1, due: row !== undefined };
  };

  return {
    id,
    name,
    snapshot,
    inventory: openInventory(db, id),
    async state() {
      const row = state.get(id) as { derived: number; rules: string; discovery: string | null; listed: number | null };
      return {
        derived: row.derived,
        rules: row.rules,
        discovery: row.discovery === null ? undefined : (JSON.parse(row.discovery) as unknown),
        listed: optionalInstant(row.listed),
      };
    },
    rememberDiscovery: (discovery) =>
      commits.write(() => {
        setDiscovery.run(discovery === undefined ? null : JSON.stringify(discovery), id);
      }),
    rememberListing: (at) =>
      commits.write(() => {
        setListed.run(at, id);
      }),
    async chooseCandidates(extent) {
      candidates.chooseCandidates(extent);
    },
    async candidates(after, limit) {
      return candidates.candidates(after, limit);
    },
    async chooseReferrers(managers) {
      candidates.chooseReferrers(managers);
    },
    async candidate(kind, key) {
      const row = presentRecord.get(kind, key) as RecordRow | undefined;
      return {
        kind,
        key,
        record: row === undefined ? undefined : toRecord(row),
        known: snapshot.known(kind, key),
        ...dueState(kind, key),
      };
    },
    async rememberWaiting(key, manager) {
      if (manager === undefined) stopWaiting.run(id, key);
      else wait.run(id, key, manager);
    },
    async chooseEdges(extent, groups, most) {
      candidates.chooseEdges(extent, groups, most);
    },
    async edges(after, limit) {
      return candidates.edges(after, limit);
    },
    async knownByName(kind, foldedName) {
      return snapshot.knownByName(kind, foldedName);
    },
    async totals() {
      return snapshot.totals();
    },
    async activeUsers() {
      return snapshot.activeUsers();
    },
    known: snapshot.known,
    isUncertain: (kind, key) => dueState(kind, key).uncertain,
    remoteIdOf: snapshot.remoteIdOf,
    owner: snapshot.owner,
    isMember: snapshot.isMember,
    membersOf: snapshot.membersOf,
    countMembers: snapshot.countMembers,
    async derived(reading, rules) {
      setDerived.run(reading, rules, id);
    },
    async doubtful(limit) {
      return snapshot.doubtful(limit);
    },
    correct({ kind, key }, change, at) {
      return commits.write(() => {
        snapshot.apply(kind, key, change, at);
        followUpOn.run(id, kind, key);
      });
    },
    async hasFollowUps() {
      return followUp.get({ id }) === 1;
    },
  };
}
