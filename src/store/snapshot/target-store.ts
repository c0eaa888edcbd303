import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { Edit } from '../../model/operation.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { accountsWithValue } from '../search/account-search.ts';
import { openCandidates } from '../candidates/candidates.ts';
import { openMembershipCandidates } from '../candidates/membership-candidates.ts';
import type { Db } from '../database.ts';
import type { DriftStore } from '../drift/drift-interface.ts';
import { openDriftStore } from '../drift/drift-store.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { noOperation, openRequeue } from '../journal/requeue/requeue.ts';
import { openRetries } from '../journal/retries.ts';
import { payloadOf } from '../journal/operations.ts';
import { openRequestCounts } from '../journal/request-counts.ts';
import { openLearned } from './learned.ts';
import { openLeaverLookUps } from './leaver-look-ups.ts';
import { openListingCache } from './listing-cache.ts';
import { openPendingManagers } from './pending-managers.ts';
import { openNameRequests } from './name-requests.ts';
import { openOrphans } from './orphans.ts';
import { doubtColumns, doubtJoin, joinedColumn, optionalInstant, toRecord, type RecordRow } from '../sqlite/rows.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import { openTargetUserGroups } from '../user-groups/target-user-groups.ts';
import { openUniqueValues } from '../unique-values/unique-values.ts';
import { openVerifications } from './verifications.ts';
import { openFrozenCandidates } from '../suspensions/freezes.ts';
import type { TargetStore } from '../interface/every-side.ts';

/** The state of one target, with the additional parts that the journal needs to write results. */
export interface SqliteTargetStore extends TargetStore {
  readonly id: number;
  readonly snapshot: Snapshot;
  readonly pendingVerifications: ReturnType<typeof openVerifications>;
}

/** Opens the state of one target, and adds the target if it is new. */
export function openTargetStore(db: Db, commits: GroupCommit, name: string): SqliteTargetStore {
  const selectId = db.prepare('select id from target where name = ?').pluck();
  // A write would wait for another process that writes.
  if (selectId.get(name) === undefined) db.prepare('insert or ignore into target (name) values (?)').run(name);
  const id = selectId.get(name) as number;
  const snapshot = openSnapshot(db, id);
  const candidates = openCandidates(db, id);
  const membershipCandidates = openMembershipCandidates(db, id);
  const pendingVerifications = openVerifications(db, id);
  const retries = openRetries(db);
  const requeue = openRequeue(db);
  const learned = openLearned(db, id);
  let drift: DriftStore | undefined;

  const state = db.prepare(
    `
    select planned_reading, rules_fingerprint, discovery, discovery_read_at, listed, restored_at,
      leavers_unmatched, loaded_at,
      planned_at
    from target
    where id = ?`,
  );
  const updateDiscovery = db.prepare('update target set discovery = ?, discovery_read_at = ? where id = ?');
  const selectAnswered = db.prepare(`
    select key, ${payloadOf('operation', 'edits')} as edits
    from operation
    where pass = ?
      and target = ?
      and resource_type = ?
      and action in ('update', 'reactivate')
      and state = 'done'
      and evidence = 'answered'`);
  const updateLoaded = db.prepare('update target set loaded_at = coalesce(loaded_at, ?) where id = ?');
  const updateEmptied = db.prepare(
    `update account set is_emptied = ? where target = ? and resource_type = 'Group' and key = ?`,
  );
  const updateListedAt = db.prepare('update target set listed = ? where id = ?');
  const updateLeaversUnmatched = db.prepare('update target set leavers_unmatched = ? where id = ?');
  const selectUsersWithoutAccount = db.prepare(`
    select id, resource_type, key, active, valid_from, valid_to, zone, attributes, ${joinedColumn}
    from record r
    where resource_type = 'User'
      and removed_in is null
      and id > :after
      and not exists (select 1 from account a where a.target = :target and a.resource_type = 'User' and a.key = r.key)
    order by id
    limit :limit`);
  const updatePlanned = db.prepare(
    `update target set planned_reading = ?, rules_fingerprint = ?, planned_at = coalesce(?, planned_at) where id = ?`,
  );
  const updateInactiveSince = db.prepare(
    'update account set inactive_since = :now where target = :target and inactive_since > :now',
  );
  const presentRecord = db.prepare(`
    select r.resource_type, r.key, r.active, r.valid_from, r.valid_to, r.zone, r.attributes, ${doubtColumns},
      ${joinedColumn}
    from record r
    ${doubtJoin}
    where resource_type = ?
      and key = ?
      and removed_in is null`);
  const selectVerifyFirst = db
    .prepare('select verify_first from requeue where target = ? and resource_type = ? and key = ?')
    .pluck();
  const pendingManagers = openPendingManagers(db, id);
  const upsertRequeue = db.prepare(`insert into requeue (target, resource_type, key, this_pass) values (?, ?, ?, ?)
    on conflict (target, resource_type, key) do update set this_pass = max(this_pass, excluded.this_pass)`);
  const selectHasFollowUps = db
    .prepare(
      `select exists (select 1 from requeue where target = :id and this_pass = 1)
    or exists (select 1 from requeue_membership where target = :id and this_pass = 1)`,
    )
    .pluck();

  const requeueState = (
    resourceType: ResourceType,
    key: SourceKey,
  ): { isCreateInDoubt: boolean; isRequeued: boolean } => {
    const row = selectVerifyFirst.get(id, resourceType, key) as number | undefined;
    return { isCreateInDoubt: row === 1, isRequeued: row !== undefined };
  };

  return {
    id,
    name,
    snapshot,
    pendingVerifications,
    verifications: {
      async countDue(look, until) {
        return pendingVerifications.countDue(look, until);
      },
      async due(look, until, after, limit) {
        return pendingVerifications.due(look, until, after, limit);
      },
      record: ({ id: verification, stored }, { state, evidence, detail, change, requeue, next, at }) =>
        commits.write(() => {
          const { resourceType, key } = stored.operation;
          pendingVerifications.recordVerdict(stored.id, { state, evidence, detail, at });
          snapshot.apply(resourceType, key, change, at);
          if (requeue !== undefined) upsertRequeue.run(id, resourceType, key, requeue === 'thisPass' ? 1 : 0);
          pendingVerifications.reschedule(verification, next);
        }),
      postpone: (until, due) =>
        commits.write(() => {
          pendingVerifications.postpone(until, due);
        }),
      dismiss: (until, due) =>
        commits.write(() => {
          pendingVerifications.dismiss(until, due);
        }),
    },
    listingCache: openListingCache(db, commits, id),
    leaverLookUps: openLeaverLookUps(db, commits, id),
    get drift() {
      return (drift ??= openDriftStore(db, commits, id));
    },
    orphans: openOrphans(db, commits, id, snapshot),
    userGroups: openTargetUserGroups(db, id),
    uniqueValues: openUniqueValues(db, id),
    async state() {
      const row = state.get(id) as {
        planned_reading: number;
        rules_fingerprint: string;
        discovery: string | null;
        discovery_read_at: number | null;
        listed: number | null;
        restored_at: number | null;
        leavers_unmatched: number;
        loaded_at: number | null;
        planned_at: number | null;
      };
      return {
        plannedReading: row.planned_reading,
        mappingFingerprint: row.rules_fingerprint,
        discovery: row.discovery === null ? undefined : (JSON.parse(row.discovery) as unknown),
        discoveryReadAt: optionalInstant(row.discovery_read_at),
        listedAt: optionalInstant(row.listed),
        restoredAt: optionalInstant(row.restored_at),
        leaversUnmatched: row.leavers_unmatched === 1,
        loadedAt: optionalInstant(row.loaded_at),
        plannedAt: optionalInstant(row.planned_at),
      };
    },
    saveDiscovery: (discovery, at) =>
      commits.write(() => {
        updateDiscovery.run(JSON.stringify(discovery), at, id);
      }),
    saveListedAt: (at) =>
      commits.write(() => {
        updateListedAt.run(at, id);
      }),
    async markLeaversUnmatched() {
      updateLeaversUnmatched.run(1, id);
    },
    saveLeaversMatched: () =>
      commits.write(() => {
        updateLeaversUnmatched.run(0, id);
      }),
    async usersWithoutAccount(after, limit) {
      const rows = selectUsersWithoutAccount.all({ target: id, after, limit }) as (RecordRow & { id: number })[];
      return { page: rows.map(toRecord), next: rows.at(-1)?.id };
    },
    async learned() {
      return learned.read();
    },
    saveLearned: (kept) =>
      commits.write(() => {
        learned.write(kept);
      }),
    requestCounts: openRequestCounts(db, commits, id),
    doubtAnswered: (pass, resourceType, at) =>
      commits.write(() => {
        for (const { key, edits } of selectAnswered.all(pass, id, resourceType) as { key: string; edits: string }[]) {
          const paths = (JSON.parse(edits) as Edit[]).map(({ path }) => path);
          snapshot.apply(resourceType, sourceKey(key), { kind: 'inDoubt', paths }, at);
        }
      }),
    async selectCandidates(scope) {
      pendingManagers.look();
      candidates.selectCandidates(scope);
    },
    async candidates(after, limit) {
      return candidates.candidates(after, limit);
    },
    async selectReferrers(managers) {
      candidates.selectReferrers(managers);
    },
    async selectUnsent(pass, holders, names) {
      candidates.selectUnsent(pass, holders, names);
    },
    async requeueSubjects(subjects) {
      for (const { resourceType, key } of subjects) upsertRequeue.run(id, resourceType, key, 1);
    },
    async restrictCandidates(subjects) {
      candidates.restrict(subjects);
    },
    async candidate(resourceType, key) {
      const row = presentRecord.get(resourceType, key) as RecordRow | undefined;
      return {
        resourceType,
        key,
        record: row === undefined ? undefined : toRecord(row),
        known: snapshot.known(resourceType, key),
        ...requeueState(resourceType, key),
      };
    },
    async setPendingManager(key, manager) {
      pendingManagers.set(key, manager);
    },
    async selectMemberships(scope, groups, maxMembers, exceptions) {
      membershipCandidates.selectMemberships(scope, groups, maxMembers, exceptions);
    },
    async memberships(after, limit) {
      return membershipCandidates.memberships(after, limit);
    },
    async knownByName(resourceType, foldedName) {
      return snapshot.knownByName(resourceType, foldedName);
    },
    async knownByValue(resourceType, text) {
      return accountsWithValue(db, id, resourceType, text);
    },
    async totals() {
      return snapshot.totals();
    },
    markLoaded: (at) =>
      commits.write(() => {
        updateLoaded.run(at, id);
      }),
    async markEmptied(groups, isEmptied) {
      for (const key of groups) updateEmptied.run(isEmptied ? 1 : 0, id, key);
    },
    ...openNameRequests(db),
    ...openFrozenCandidates(db, id),
    known: snapshot.known,
    owner: snapshot.owner,
    countMembers: snapshot.countMembers,
    async postponed(pass, now, after) {
      return retries.postponed(id, pass, now, after);
    },
    async forgetRetry(resourceType, key, member) {
      retries.forget(id, resourceType, key, member);
    },
    async markPlanned(reading, mappingFingerprint, moment) {
      updatePlanned.run(reading, mappingFingerprint, moment ?? null, id);
    },
    async forgetTimesAfter(now) {
      updateInactiveSince.run({ target: id, now });
    },
    async inDoubt(limit) {
      return snapshot.inDoubt(limit);
    },
    applyReadBack({ resourceType, key }, change, requeues, at) {
      return commits.write(() => {
        snapshot.apply(resourceType, key, change, at);
        for (const one of requeues) requeue({ target: id, resourceType, key, ...noOperation }, one);
      });
    },
    async hasFollowUps() {
      return selectHasFollowUps.get({ id }) === 1;
    },
  };
}
