import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { CreateOperation, Operation } from '../../model/operation.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { FlatResource, LeaverReason } from '../../model/resource.ts';
import { displayName } from '../../plan/diff.ts';
import { describeLeaverReason, effectiveLeaverPolicy, leaverAction } from '../../plan/leavers.ts';
import { phaseOf } from '../../plan/phases.ts';
import type { Journal, Store, TargetStore } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound, TargetSpec } from '../context.ts';
import { ambiguousOutcome } from './adoption.ts';
import { findInListing, type ListedMatch } from './find-in-listing.ts';
import { otherExternalId } from './ownership.ts';
import { record, report, type OutcomeCounts } from './record.ts';

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
  facts: { readonly isOwned: boolean; readonly isNameNeeded: boolean; readonly isProtected: boolean },
): 'adopt' | 'leave' | 'ambiguous' {
  const { resource, by, isAmbiguous } = match;
  if (facts.isOwned || facts.isProtected) return 'leave';
  if (by !== 'externalId' && facts.isNameNeeded) return 'leave';
  if (otherExternalId('User', identity, resource.body) !== undefined) return 'leave';
  if (isAmbiguous) return 'ambiguous';
  return resource.active ? 'adopt' : 'leave';
}

/** Whether the leaver rule removes the access of such a user. */
export function isRemovedLeaver(reason: LeaverReason, { leavers, profile }: TargetSpec): boolean {
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
): Promise<void> {
  const { store, journal } = deps;
  const { spec, pass } = run;
  if (!(await store.state()).leaversUnmatched) return;
  if ((await deps.listings.ensure('User', stop)) === undefined) return;
  const judged = await judgeListedLeavers(deps, run);
  if (judged.length === 0) return;
  const operations = judged.map((one) => ({ ...one, operation: operationFor(one.leaver) }));
  await stores.transaction(() =>
    journal.add(
      pass,
      spec.name,
      0,
      operations.map(({ operation }) => ({ operation, phase: phaseOf(operation), wave: 0, isRenaming: false })),
    ),
  );
  for (const { leaver, verdict, operation } of operations)
    if (verdict === 'ambiguous') await recordAmbiguous(deps, run, operation, leaver, outcomeCounts);
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
    });
    return verdict === 'leave' ? [] : [{ leaver, verdict }];
  });
}

/**
 * Ends the comparison once its operations were executed. Where the list returned nothing and no operation succeeded,
 * the target seems to be down: the next pass compares again.
 *
 * @returns why the comparison was not possible; undefined: it is done, or there was none
 */
export async function settleUnknownLeavers(
  { store, listings }: Pick<ExecutionDeps, 'store' | 'listings'>,
  { succeeded }: OutcomeCounts,
): Promise<string | undefined> {
  if (!(await store.state()).leaversUnmatched) return undefined;
  const listing = listings.of('User');
  if (listing?.complete === false && listing.found === 0 && succeeded === 0)
    return (
      'users who should have no access could not be compared with its accounts: ' +
      `${listing.detail ?? 'its users cannot be listed'}; the next pass tries again`
    );
  await store.saveLeaversMatched();
  return undefined;
}

const pageSize = 500;

/** Users of the source without an account in the snapshot whose access the leaver rule removes. */
async function* unknownLeavers(
  store: TargetStore,
  mapping: TargetMapping,
  spec: TargetSpec,
): AsyncGenerator<UnknownLeaver> {
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<TargetStore['usersWithoutAccount']>> = await store.usersWithoutAccount(
      after,
      pageSize,
    );
    for (const one of page) {
      const desired = mapping.desire(one);
      if (desired.kind === 'absent' && isRemovedLeaver(desired.reason, spec))
        yield { record: one, reason: desired.reason, identity: mapping.identify(one) };
    }
    after = next;
  }
}

function operationFor({ record: { key }, reason, identity }: ListedLeaver): Operation {
  return {
    action: 'verifyCreate',
    resourceType: 'User',
    key,
    name: displayName('User', identity),
    reason: `${describeLeaverReason(reason)}, and the target lists an account`,
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
