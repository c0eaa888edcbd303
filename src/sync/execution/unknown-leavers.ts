import type { KeyForm } from '../../model/reading/key-form.ts';
import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { CreateOperation, Operation } from '../../model/operation.ts';
import { instant, type SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { FlatResource, LeaverReason } from '../../model/resource.ts';
import { displayName } from '../../plan/diff.ts';
import { describeLeaverReason, effectiveLeaverPolicy, leaverAction } from '../../plan/leavers.ts';
import { phaseOf } from '../../plan/phases.ts';
import type { Journal, Store, TargetStore } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound, TargetSpec } from '../context.ts';
import { ambiguousOutcome } from './adoption.ts';
import { doubtAboutFirstList, isWithoutControl, omitsKnownAccounts } from './first-list.ts';
import { findInListing, type ListedMatch } from './find-in-listing.ts';
import { otherExternalId } from './ownership.ts';
import { record, report, type OutcomeCounts } from './record.ts';
import { desireAt } from '../desire-at.ts';
import { timingOf } from '../evaluate-record.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';

/** A user of the source who should have no access, and who has no account in the snapshot. */
export interface UnknownLeaver {
  readonly record: SourceRecord;
  readonly reason: LeaverReason;
  /** The values by which the account of an active user would be found. */
  readonly identity: FlatResource;
}

/** What the listing shows of an unknown leaver. */
export interface ListedLeaver extends UnknownLeaver {
  readonly match: ListedMatch;
}

/**
 * Whether a listed account is taken over, so that the leaver rule removes its access.
 *
 *     owned by another record                         no: that record decides
 *     found by name, and a create needs that name     no: it is the account of the other user
 *     carries another externalId                      no: it is the account of another person
 *     several accounts have the value                 ambiguous
 *     inactive                                        no: there is no access to remove
 *     protected                                       no
 *     otherwise                                       yes
 */
export function judgeListedLeaver(
  { identity, match }: ListedLeaver,
  facts: {
    readonly isOwned: boolean;
    readonly isNameNeeded: boolean;
    readonly isProtected: boolean;
    readonly keyForm?: KeyForm | undefined;
  },
): 'adopt' | 'leave' | 'ambiguous' {
  const { resource, by, isAmbiguous } = match;
  if (facts.isOwned || facts.isProtected) return 'leave';
  if (by !== 'externalId' && facts.isNameNeeded) return 'leave';
  if (otherExternalId('User', identity, resource.body, facts.keyForm) !== undefined) return 'leave';
  if (isAmbiguous) return 'ambiguous';
  return resource.active ? 'adopt' : 'leave';
}

/** Whether the leaver rule removes the access of such a user. */
export function isRemovedLeaver(reason: LeaverReason, { leavers, profile }: TargetSpec): boolean {
  // Before the start date, an account may have been prepared by hand.
  if (reason === 'notYet') return false;
  return leaverAction(reason, effectiveLeaverPolicy(leavers, profile.protocol.deletion)) !== 'keep';
}

/**
 * Compares users who should have no access with the list of a target that scimsync meets for the first time, and plans
 * to take over their active accounts. The next round then removes the access by the leaver rule, through the guard.
 *
 * Runs before round 0 is executed. `settleUnknownLeavers` ends it; until then, the next pass repeats it.
 */
export async function planUnknownLeavers(
  stores: Store,
  deps: ExecutionDeps,
  run: Omit<ExecutionRound, 'round'>,
  outcomeCounts: OutcomeCounts,
  stop: AbortSignal,
): Promise<LeaverComparison> {
  const { store, journal } = deps;
  const { spec, pass } = run;
  if (!(await store.state()).leaversUnmatched) return nothingLookedUp;
  const listing = await deps.listings.ensure('User', stop);
  if (listing === undefined) return nothingLookedUp;
  const judged = await judgeListedLeavers(deps, run);
  const isByList =
    listing.complete &&
    !(await omitsKnownAccounts(store, 'all')) &&
    !(judged.length === 0 && (await isWithoutControl(deps, run)));
  const others = isByList ? [] : await unlistedLeavers(deps, run, judged);
  const lookUps = others.slice(0, maxLookUps);
  const lookedUp = lookUps.map(({ record: { key } }) => key);
  const comparison = { isByList, lookedUp, isAll: lookUps.length === others.length };
  if (judged.length + lookUps.length === 0) return comparison;
  const operations = [
    ...judged.map((one) => ({ ...one, operation: operationFor(one.leaver, 'the target lists an account') })),
    ...lookUps.map((leaver) => ({
      leaver: undefined,
      verdict: 'lookUp' as const,
      operation: operationFor(leaver, 'the list of the target is not complete'),
    })),
  ];
  await stores.transaction(() =>
    journal.add(
      pass,
      spec.name,
      0,
      operations.map(({ operation }) => ({ operation, phase: phaseOf(operation), wave: 0, isRenaming: false })),
    ),
  );
  for (const { leaver, verdict, operation } of operations)
    if (verdict === 'ambiguous' && leaver !== undefined)
      await recordAmbiguous(deps, run, operation, leaver, outcomeCounts);
  return comparison;
}

/** The users whom an incomplete list does not show, and who are looked up one by one. */
export interface LeaverComparison {
  /** The list was complete, so only listed accounts were judged. */
  readonly isByList: boolean;
  readonly lookedUp: readonly SourceKey[];
  /** No user was left for the next pass. */
  readonly isAll: boolean;
}

export const nothingLookedUp: LeaverComparison = { isByList: true, lookedUp: [], isAll: true };

/** The next pass looks up the others. */
const maxLookUps = 500;

async function unlistedLeavers(
  { store }: Pick<ExecutionDeps, 'store'>,
  { spec, mapping }: Omit<ExecutionRound, 'round'>,
  judged: readonly { readonly leaver: ListedLeaver }[],
): Promise<readonly UnknownLeaver[]> {
  const listed = new Set(judged.map(({ leaver }) => leaver.record.key));
  const others: UnknownLeaver[] = [];
  for await (const leaver of unknownLeavers(store, mapping, spec)) {
    if (!listed.has(leaver.record.key)) others.push(leaver);
    if (others.length > maxLookUps) break;
  }
  return others;
}

/**
 * Compares users who should have no access with the listing cache, after round 0 was planned. Reads only.
 *
 * @returns the users whose listed account is taken over, or is ambiguous
 */
export async function judgeListedLeavers(
  { store, journal }: Pick<ExecutionDeps, 'store' | 'journal'>,
  run: Omit<ExecutionRound, 'round'>,
): Promise<readonly { readonly leaver: ListedLeaver; readonly verdict: 'adopt' | 'ambiguous' }[]> {
  const { spec, mapping } = run;
  const listed: ListedLeaver[] = [];
  for await (const leaver of unknownLeavers(store, mapping, spec)) {
    const match = findInListing(store.listingCache, spec.profile.protocol, 'User', leaver.identity);
    if (match !== undefined) listed.push({ ...leaver, match });
  }
  if (listed.length === 0) return [];
  const neededNames = await namesOfCreates(journal, run, listed);
  return listed.flatMap((leaver) => {
    const verdict = judgeListedLeaver(leaver, {
      isOwned: store.owner('User', leaver.match.resource.remoteId) !== undefined,
      isNameNeeded: neededNames.has(displayName('User', leaver.match.resource.body).toLowerCase()),
      isProtected: mapping.isProtected(leaver.match.resource.body) !== false,
      keyForm: spec.keyForm,
    });
    return verdict === 'leave' ? [] : [{ leaver, verdict }];
  });
}

/**
 * Ends the comparison once its operations were executed: every user who should have no access was compared with a
 * complete list, or was looked up. Until then, each pass compares again.
 *
 * @returns why the comparison is not complete; undefined: it is, or there was none
 */
export async function settleUnknownLeavers(
  deps: Pick<ExecutionDeps, 'store' | 'listings' | 'journal' | 'target'>,
  run: Omit<ExecutionRound, 'round'>,
  { isByList, lookedUp, isAll }: LeaverComparison,
  stop: AbortSignal,
): Promise<string | undefined> {
  const { store, listings } = deps;
  if (!(await store.state()).leaversUnmatched) return undefined;
  const listing = listings.of('User');
  if (listing === undefined) return undefined;
  const reason = isByList
    ? await doubtAboutFirstList(deps, run, listing, stop)
    : await openLookUps(deps, run, lookedUp, isAll);
  if (reason === undefined) {
    await store.saveLeaversMatched();
    return undefined;
  }
  return (
    `users who should have no access could not all be compared with its accounts: ${listing.detail ?? reason}; ` +
    'the next pass tries again'
  );
}

/** Why the look-ups of the pass do not end the comparison; undefined: they do. */
async function openLookUps(
  { journal }: Pick<ExecutionDeps, 'journal'>,
  { spec, pass }: Omit<ExecutionRound, 'round'>,
  lookedUp: readonly SourceKey[],
  isAll: boolean,
): Promise<string | undefined> {
  let unresolved = 0;
  for (const key of lookedUp) {
    const { operations } = await journal.recordEntries(pass, spec.name, 'User', key);
    const isResolved = operations.some(
      ({ operation, state }) => operation.action === 'verifyCreate' && ['done', 'adopted'].includes(state),
    );
    if (!isResolved) unresolved += 1;
  }
  return isAll && unresolved === 0 ? undefined : 'its list omits users, and not all of them were looked up';
}

const pageSize = 500;

/** Users of the source without an account in the snapshot whose access the leaver rule removes. */
async function* unknownLeavers(
  store: TargetStore,
  mapping: TargetMapping,
  spec: TargetSpec,
): AsyncGenerator<UnknownLeaver> {
  const addGroups = addGroupsFor(mapping, () => store.userGroups.openLookup());
  const timing = timingOf(spec);
  const { plannedAt = instant(0) } = await store.state();
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<TargetStore['usersWithoutAccount']>> = await store.usersWithoutAccount(
      after,
      pageSize,
    );
    for (const one of await addGroups(page)) {
      const desired = desireAt(one, mapping, timing, plannedAt);
      if (desired.kind === 'absent' && isRemovedLeaver(desired.reason, spec))
        yield { record: one, reason: desired.reason, identity: mapping.identify(one) };
    }
    after = next;
  }
}

function operationFor({ record: { key }, reason, identity }: UnknownLeaver, why: string): Operation {
  return {
    action: 'verifyCreate',
    resourceType: 'User',
    key,
    name: displayName('User', identity),
    reason: `${describeLeaverReason(reason)}, and ${why}`,
    body: identity,
  };
}

/** Of the names of these accounts, in lower case: those that a user gets whom this pass creates. */
async function namesOfCreates(
  journal: Journal,
  { pass, spec }: Omit<ExecutionRound, 'round'>,
  listed: readonly ListedLeaver[],
): Promise<ReadonlySet<string>> {
  const names = new Set(
    listed
      .filter(({ match }) => match.by !== 'externalId')
      .map(({ match }) => displayName('User', match.resource.body).toLowerCase()),
  );
  const needed = new Set<string>();
  if (names.size === 0) return needed;
  const isCreate = (operation: Operation): operation is CreateOperation =>
    operation.action === 'create' && operation.resourceType === 'User';
  for await (const { operation } of journal.allOperations(pass, spec.name, 0)) {
    const name = isCreate(operation) ? displayName('User', operation.body).toLowerCase() : '';
    if (names.has(name)) needed.add(name);
  }
  return needed;
}

/** Several accounts may be the leaver's. None is closed by guess; the operator is informed once. */
async function recordAmbiguous(
  deps: ExecutionDeps,
  run: Omit<ExecutionRound, 'round'>,
  operation: Operation,
  { match }: ListedLeaver,
  outcomeCounts: OutcomeCounts,
): Promise<void> {
  const { operations } = await deps.journal.recordEntries(run.pass, run.spec.name, 'User', operation.key);
  const stored = operations.find((one) => one.operation.action === 'verifyCreate');
  if (stored === undefined) return;
  const outcome = ambiguousOutcome(match.by, match.value);
  const settlement = { change: { kind: 'keep' }, followUp: 'none', requests: 0, retries: 0 } as const;
  await record(deps, { ...run, round: 0 }, stored, outcome, settlement);
  const { status, detail } = outcome as Extract<typeof outcome, { kind: 'rejected' }>;
  report(deps.emit, run.spec.name, operation, { result: 'failed', status, detail }, outcomeCounts);
}
