import { instant } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { DriftPosition } from '../../model/target/drift.ts';
import type { AccountPage } from '../../store/store.ts';
import type { KnownState } from '../../model/resource.ts';
import { collectOrphans, hasMemoryOf } from '../execution/orphans.ts';
import { areLeaversDue, leaverPeriodMs } from '../../plan/drift/check-times.ts';
import { compareAccount } from './compare-account.ts';
import { isOver, isStopped, requestsOf, type DriftCheck } from './drift-check.ts';
import { noteShown, readAccount, withOwner } from './read-account.ts';
import { recordDuplicates } from './record-duplicates.ts';

/** Accounts that are read side by side, before the check asks whether it is to end. */
const pageSize = 20;

/**
 * Compares a target with the snapshot, from where the last check ended, until all is compared or the check is over.
 *
 *     leavers      a GET of each account that became inactive in the last 90 days
 *     listUsers    a list: accounts that it shows as they were acknowledged are done; others may be second accounts
 *     readUsers    a GET of each account that no list has shown so; a look-up, where it is not found
 *     readGroups   a GET of each group
 *
 * A list proves no difference: lists are late, cut, and lack attributes. It only spares reads.
 */
export async function checkTarget(check: DriftCheck, from: DriftPosition): Promise<DriftPosition> {
  const { store } = check;
  let position = await readLeavers(check, from);
  if (position.phase === 'listUsers' && !isOver(check)) position = await listUsers(check, position);
  if (position.phase === 'readUsers' && !isOver(check)) position = await readAll(check, position, 'User');
  if (position.phase === 'readGroups' && !isOver(check)) position = await readAll(check, position, 'Group');
  if (position.phase === 'ended') await store.drift.closeGone(check.clock.now());
  await readHiddenAgain(check);
  position = { ...position, shownPaths: [...check.findings.shownPaths] };
  await store.drift.savePosition(position);
  return position;
}

async function readLeavers(check: DriftCheck, position: DriftPosition): Promise<DriftPosition> {
  const { store, clock } = check;
  const now = clock.now();
  const { leavers } = position;
  const isDue = areLeaversDue(position, now);
  const startedAt = isDue || leavers === undefined ? now : leavers.startedAt;
  const since = instant(now - leaverPeriodMs);
  const after = await readPages(check, isDue ? 0 : leavers?.after, (last, limit) =>
    store.drift.leavers(since, last, limit),
  );
  const next = { ...position, leavers: { startedAt, after } };
  await store.drift.savePosition(next);
  return next;
}

async function listUsers(check: DriftCheck, begun: DriftPosition): Promise<DriftPosition> {
  const { spec, store, target, mapping, stop, findings, clock } = check;
  let position = begun;
  if (position.after === 0) await store.drift.beginCheck();
  await store.listingCache.clear('User');
  const isResumed = position.after > 0;
  const pages = target.list('User', mapping.paths('User'), stop, position.after);
  for (let found = 0; ;) {
    const step = await pages.next();
    if (step.done === true) {
      const { complete, detail } = step.value;
      if (stop.aborted || target.unavailableReason !== undefined) return position;
      findings.listing = { found, complete: complete && !isResumed, detail };
      position = { ...position, phase: 'readUsers', after: 0, isListPartial: position.isListPartial || !complete };
      break;
    }
    found += step.value.length;
    await compareListed(check, step.value);
    // A cursor ends with the connection, so such a list is read as a whole.
    const isResumable = spec.profile.protocol.listing === 'index';
    if (isResumable) position = { ...position, after: position.after + step.value.length };
    await store.drift.savePosition(position);
    if (isResumable ? isOver(check) : isStopped(check)) break;
  }
  if (await hasMemoryOf(store))
    await collectOrphans(
      store,
      mapping,
      { isComplete: findings.listing?.complete === true, hasMemory: true },
      clock.now(),
    );
  await recordDuplicates(check);
  if (position.phase === 'readUsers' && !position.isListPartial)
    await store.drift.closeDuplicates(position.startedAt, clock.now());
  return position;
}

/** Accounts that the list shows as they were acknowledged need no read. The others are kept for the end of the list. */
async function compareListed(check: DriftCheck, page: readonly RemoteResource[]): Promise<void> {
  const { store, findings, rules } = check;
  const known = store.drift.knownByIds(
    'User',
    page.map(({ remoteId }) => remoteId),
  );
  const equal: KnownState[] = [];
  const others: RemoteResource[] = [];
  for (const listed of page) {
    const shown = withOwner(check, listed);
    noteShown(check, shown);
    const account = known.get(listed.remoteId);
    if (account !== undefined && isShownEqual(account, shown, rules, findings)) equal.push(account);
    else others.push(listed);
  }
  const open = equal.filter(({ resourceType, key }) => store.drift.openOf({ resourceType, key }).length === 0);
  findings.compared += open.length;
  await store.drift.markSeen(open);
  await store.listingCache.add('User', others);
}

/** A value that the list leaves out may be shown by a read. */
function isShownEqual(
  known: KnownState,
  shown: RemoteResource,
  rules: DriftCheck['rules'],
  { shownPaths }: DriftCheck['findings'],
): boolean {
  const { differences, hiddenPaths } = compareAccount(known, shown, rules, shownPaths);
  return differences.length + hiddenPaths.length === 0 && (shown.isActiveHidden !== true || known.active);
}

async function readAll(check: DriftCheck, position: DriftPosition, type: 'User' | 'Group'): Promise<DriftPosition> {
  const { store, clock } = check;
  const after = await readPages(check, position.after, (last, limit) => store.drift.unseen(type, last, limit));
  if (after !== undefined) return { ...position, after };
  return type === 'User'
    ? { ...position, phase: 'readGroups', after: 0 }
    : { ...position, phase: 'ended', endedAt: clock.now(), after: 0 };
}

/** @returns where to continue; undefined: all pages were read */
async function readPages(
  check: DriftCheck,
  begin: number | undefined,
  pageAfter: (after: number, limit: number) => AccountPage,
): Promise<number | undefined> {
  const { target } = check;
  for (let after = begin; after !== undefined;) {
    if (isOver(check)) return after;
    const { page, next } = pageAfter(after, Math.min(pageSize, Math.ceil(check.budget - requestsOf(check))));
    for (const known of page) await target.submit(() => readAccount(check, known));
    await target.idle();
    // What the target did not answer is read again.
    if (check.stop.aborted || target.unavailableReason !== undefined) return after;
    after = next;
  }
  return undefined;
}

/** Values that the target did not show are missing if it has shown this path of another account meanwhile. */
export async function readHiddenAgain(check: DriftCheck): Promise<void> {
  const { findings, store, target } = check;
  for (const { resourceType, key, paths } of findings.hidden.splice(0)) {
    const isShownElsewhere = paths.some((path) => findings.shownPaths.has(path));
    const known = store.known(resourceType, key);
    if (!isShownElsewhere || known === undefined) {
      findings.hidden.push({ resourceType, key, paths });
      continue;
    }
    if (isOver(check)) return;
    await target.submit(() => readAccount(check, known));
  }
  await target.idle();
}
