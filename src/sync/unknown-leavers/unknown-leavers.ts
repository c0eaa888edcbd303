import type { KeyForm } from '../../model/reading/key-form.ts';
import type { CreateOperation, Operation } from '../../model/operation.ts';
import type { SourceKey } from '../../model/ids.ts';
import { displayName } from '../../plan/diff.ts';
import { describeLeaverReason } from '../../plan/leavers.ts';
import { phaseOf } from '../../plan/phases.ts';
import type { JournalView, ComparedTarget, Store } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { ambiguousOutcome } from '../execution/adoption.ts';
import { findInListing, type ListedMatch } from '../execution/find-in-listing.ts';
import { otherExternalId } from '../execution/ownership.ts';
import { record, report, type OutcomeCounts } from '../execution/record.ts';
import { doubtAboutFirstList, isWithoutControl, omitsKnownAccounts } from './first-list.ts';
import { chooseLookUps, noLookUps } from './look-ups.ts';
import { unknownLeavers, type UnknownLeaver } from './without-account.ts';

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

/**
 * Compares users who should have no access with the list of a target that scimsync meets for the first time, and plans
 * to take over their active accounts. The next round then removes the access by the leaver rule, through the guard.
 *
 * Runs before round 0 is executed. `settleUnknownLeavers` ends it; until then, the next pass repeats it.
 */
export async function planUnknownLeavers(
  stores: Pick<Store, 'planning'>,
  deps: ExecutionDeps,
  run: Omit<ExecutionRound, 'round'>,
  outcomeCounts: OutcomeCounts,
  stop: AbortSignal,
): Promise<LeaverComparison> {
  const { store } = deps;
  const { spec, pass } = run;
  if (!spec.adopt || !(await store.state()).leaversUnmatched) return nothingLookedUp;
  const listing = await deps.listings.ensure('User', stop);
  const judged = listing === undefined ? [] : await judgeListedLeavers(deps, run);
  const isByList =
    listing?.complete === true &&
    !(await omitsKnownAccounts(store, 'all')) &&
    !(judged.length === 0 && (await isWithoutControl(deps, run)));
  const hasList = listing !== undefined;
  const listed = new Set(judged.map(({ leaver }) => leaver.record.key));
  const { lookUps, lookedUp, open } = isByList ? noLookUps : await chooseLookUps(deps, run, listed, hasList);
  const comparison = { isByList, lookedUp, open };
  if (judged.length + lookUps.length === 0) return comparison;
  const why = hasList ? 'the list of the target is not complete' : 'the target has no reliable list';
  const operations = [
    ...judged.map((one) => ({ ...one, operation: operationFor(one.leaver, 'the target lists an account') })),
    ...lookUps.map((leaver) => ({
      leaver: undefined,
      verdict: 'lookUp' as const,
      operation: operationFor(leaver, why),
    })),
  ];
  await stores.planning((tx) =>
    tx.journal.add(
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

/** How a pass compared users who should have no access with the accounts of a target. */
export interface LeaverComparison {
  /** The list was complete, so only listed accounts were judged. */
  readonly isByList: boolean;
  /** The users whom the list does not show, and who are looked up one by one. */
  readonly lookedUp: readonly SourceKey[];
  /** Number of users without an answered look-up, before those of the pass. */
  readonly open: number;
}

export const nothingLookedUp: LeaverComparison = { isByList: true, lookedUp: [], open: 0 };

/**
 * Compares users who should have no access with the listing cache, after round 0 was planned. Reads only.
 *
 * @returns the users whose listed account is taken over, or is ambiguous
 */
export async function judgeListedLeavers(
  { store, journal }: { readonly store: ComparedTarget; readonly journal: JournalView },
  run: Omit<ExecutionRound, 'round'>,
): Promise<readonly { readonly leaver: ListedLeaver; readonly verdict: 'adopt' | 'ambiguous' }[]> {
  const { spec, mapping } = run;
  const listed: ListedLeaver[] = [];
  for await (const page of unknownLeavers(store, mapping, spec))
    for (const leaver of page) {
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
 * @param unanswered number of users without an answered look-up, in this pass or an earlier one
 * @returns why the comparison is not complete; undefined: it is, or there was none
 */
export async function settleUnknownLeavers(
  deps: Pick<ExecutionDeps, 'store' | 'listings' | 'journal' | 'target'>,
  run: Omit<ExecutionRound, 'round'>,
  { isByList }: LeaverComparison,
  unanswered: number,
  stop: AbortSignal,
): Promise<string | undefined> {
  const { store, listings } = deps;
  if (!run.spec.adopt || !(await store.state()).leaversUnmatched) return undefined;
  const listing = listings.of('User');
  if (isByList && listing === undefined) return undefined;
  const doubt = isByList && listing !== undefined ? await doubtAboutFirstList(deps, run, listing, stop) : undefined;
  if (doubt === undefined && unanswered === 0) {
    await store.saveLeaversMatched();
    return undefined;
  }
  const reason =
    listing === undefined ? 'it has no reliable list' : (listing.detail ?? doubt ?? 'its list omits users');
  return (
    `users who should have no access could not all be compared with its accounts: ${reason}; ` +
    (unanswered === 0 ? '' : `${unanswered} of them are still to be looked up; `) +
    'the next pass tries again'
  );
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
  journal: JournalView,
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
  const known = deps.store.known('User', operation.key);
  const { status, detail } = outcome as Extract<typeof outcome, { kind: 'rejected' }>;
  record(deps, run, { stored, outcome, known }, settlement, () =>
    report(deps.emit, run.spec.name, operation, { result: 'failed', status, detail }, outcomeCounts),
  );
  await deps.ledger.flush();
}
