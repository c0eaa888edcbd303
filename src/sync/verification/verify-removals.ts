import type { Random } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';
import type { Look } from '../../model/evidence.ts';
import type { RemovalVerdict } from '../../scim/target.ts';
import type { StoredVerification, TargetStore } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { maxControls } from '../execution/control-accounts.ts';
import { absenceInList } from '../execution/prove-by-list.ts';
import { report, type OutcomeCounts } from '../execution/record.ts';
import { isSelected } from './sample.ts';
import { settleRemoval, type RemovalReport } from './settle-removal.ts';

const pageSize = 100;

/** Time before a read that contradicts a fresh removal is repeated: many servers show a write a little later. */
const repeatAfterMs = 2_000;
/** A server that contradicts more removals than this is not late. */
const maxRepeats = 10;

/** The removals of one target that this pass reads back. */
export interface RemovalVerification {
  readonly deps: ExecutionDeps;
  readonly round: ExecutionRound;
  readonly random: Random;
  readonly outcomeCounts: OutcomeCounts;
  readonly stop: AbortSignal;
}

/**
 * Reads removals back, after the removals of a round have been sent and before anything else is.
 *
 *     look 1   removals whose answer did not show their effect; reports them
 *     look 2   removals that were shown or read once, at least ten minutes ago
 *
 * A sample is read. As soon as one read contradicts its removal, all are read.
 */
export async function verifyRemovals(verification: RemovalVerification): Promise<void> {
  await waitUntilVisible(verification);
  for (const look of [1, 2] as const) await verifyLook(verification, look);
}

/** What one look has found so far. */
interface LookState {
  readonly until: Instant;
  contradictions: number;
  /** Removals that a list of the accounts may confirm, with the verdict of their read. */
  readonly unproven: { readonly due: StoredVerification; readonly verdict: RemovalVerdict }[];
}

async function verifyLook(verification: RemovalVerification, look: Look): Promise<void> {
  const { deps, round, random } = verification;
  const { verifications } = deps.store;
  const state: LookState = { until: deps.clock.now(), contradictions: 0, unproven: [] };
  if ((await verifications.countDue(look, state.until)) === 0) return;
  let index = 0;
  await forEachDue(verification, look, state.until, async (due) => {
    if (due.unprovenRemovals > 0 || isSelected(index++, round.spec.verification, random))
      await deps.target.submit(() => verify(verification, state, due));
  });
  await deps.target.idle();
  await settleByList(verification, state);
  // What is still due was not chosen.
  await forEachDue(verification, look, state.until, async (due) => {
    if (state.contradictions > 0) await deps.target.submit(() => verify(verification, state, due));
    else if (look === 1) reportRemoval(verification, due, { result: 'done', evidence: 'answered', detail: undefined });
  });
  await deps.target.idle();
  await settleByList(verification, state);
  if (state.contradictions === 0) await verifications.dismiss(look, state.until);
}

async function forEachDue(
  { deps: { store } }: RemovalVerification,
  look: Look,
  until: Instant,
  work: (due: StoredVerification) => Promise<void>,
): Promise<void> {
  for (let after = 0; ;) {
    const page = await store.verifications.due(look, until, after, pageSize);
    for (const due of page) await work(due);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function verify(verification: RemovalVerification, state: LookState, due: StoredVerification): Promise<void> {
  const { deps, round, stop } = verification;
  const { clock, store } = deps;
  const { operation } = due.stored;
  // An account that the target refused to delete was deactivated, and is still known.
  const isDeleted =
    operation.action === 'delete' &&
    store.known(operation.resourceType, operation.key)?.deletionRefusedAt === undefined;
  const read = async (): Promise<RemovalVerdict> => {
    const verdict = await deps.target.verifyRemoval(
      {
        action: isDeleted ? 'delete' : 'deactivate',
        resourceType: operation.resourceType,
        remoteId: due.remoteId,
        body: 'body' in operation ? operation.body : {},
        paths: round.mapping.paths(operation.resourceType),
        controls: store.controlAccounts(maxControls).map(({ remoteId }) => remoteId),
      },
      stop,
    );
    return withoutForeign(verdict, due, store);
  };
  let verdict = await read();
  if (verdict.kind === 'contradicted' && due.look === 1 && state.contradictions < maxRepeats) {
    await clock.sleep(repeatAfterMs, stop).catch(() => undefined);
    verdict = await read();
  }
  if (verdict.kind === 'contradicted') {
    state.contradictions += 1;
    if (due.look === 1) deps.target.removalContradicted(operation.resourceType, isDeleted ? 'delete' : 'deactivate');
  }
  if (verdict.kind === 'unknown' && verdict.isProvableByList === true) state.unproven.push({ due, verdict });
  else await settle(verification, due, verdict);
}

/** One list of the target decides about all removed accounts whose absence no look-up could prove. */
async function settleByList(verification: RemovalVerification, { unproven }: LookState): Promise<void> {
  const { deps, round, stop } = verification;
  for (const { due, verdict } of unproven.splice(0)) {
    const { resourceType, key } = due.stored.operation;
    const body = deps.store.known(resourceType, key)?.body ?? {};
    const absence = await absenceInList(deps, round.spec, { resourceType, remoteId: due.remoteId, body }, stop);
    const isGone = absence.kind === 'absent';
    const detail = 'the account is gone: a read answers 404, and a complete list does not contain it';
    await settle(verification, due, isGone ? { kind: 'confirmed', detail } : verdict);
  }
}

async function settle(
  verification: RemovalVerification,
  due: StoredVerification,
  verdict: RemovalVerdict,
): Promise<void> {
  const { deps, round } = verification;
  const { clock, store } = deps;
  const { operation } = due.stored;
  const known = store.known(operation.resourceType, operation.key);
  const manager = verdict.kind === 'contradicted' ? verdict.resource.manager : undefined;
  const settled = settleRemoval(due, verdict, {
    known,
    managerOwner: manager === undefined ? undefined : store.owner('User', manager),
    secondLookMs: round.spec.verification.secondLookMs,
    now: clock.now(),
  });
  await store.verifications.record(due, settled.record);
  if (settled.report !== undefined) reportRemoval(verification, due, settled.report);
}

/** A look-up may find the account of another record, which has the name of the removed one by now. */
function withoutForeign(
  verdict: RemovalVerdict,
  { remoteId, stored: { operation } }: StoredVerification,
  store: Pick<TargetStore, 'owner'>,
): RemovalVerdict {
  if (verdict.kind !== 'contradicted' || verdict.resource.remoteId === remoteId) return verdict;
  const owner = store.owner(operation.resourceType, verdict.resource.remoteId);
  return owner === undefined || owner === operation.key
    ? verdict
    : { kind: 'confirmed', detail: `a read answers 404, and a look-up finds only the account of key ${owner}` };
}

function reportRemoval(
  { deps, outcomeCounts }: RemovalVerification,
  { stored, status }: StoredVerification,
  { result, evidence, detail }: RemovalReport,
): void {
  report(deps.emit, deps.target.name, stored.operation, { result, status, detail, evidence }, outcomeCounts);
}

/** Waits for the known consistency delay of the target, counted from the last removal of this pass. */
async function waitUntilVisible({ deps, round, stop }: RemovalVerification): Promise<void> {
  const delayMs = round.spec.profile.protocol.consistencyDelaySeconds * 1000;
  if (delayMs === 0 || (await deps.store.verifications.countDue(1, deps.clock.now())) === 0) return;
  await deps.clock.sleep(delayMs, stop).catch(() => undefined);
}
