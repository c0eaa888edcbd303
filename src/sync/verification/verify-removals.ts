import type { Look } from '../../model/evidence.ts';
import { instant, type Instant, type RemoteId } from '../../model/ids.ts';
import type { StoredVerification } from '../../store/store.ts';
import { lookOnce, reportRemoval, settleByAbsence, settleLook, type LookState } from './look-once.ts';
import { readByList, type ListedAccounts, type ListedState } from './read-by-list.ts';
import { createSample, sampleSize, type RemovalSample } from './sample.ts';
import { isDeletion, type RemovalVerification } from './verification-run.ts';

const pageSize = 100;

/**
 * Reads removals back, after the removals of a round have been sent and before anything else is.
 *
 *     look 1   removals of this pass; reports them
 *     look 2   removals of earlier passes, at least ten minutes ago
 *
 * A sample is read; more removals than that by one list of all users, if it takes fewer requests. As soon as one read
 * contradicts its removal, all are read. A removal that no read and no answer has shown is read in a later pass.
 */
export async function verifyRemovals(verification: RemovalVerification): Promise<void> {
  await waitUntilVisible(verification);
  for (const look of [1, 2] as const) await verifyLook(verification, look);
}

async function verifyLook(verification: RemovalVerification, look: Look): Promise<void> {
  const { deps, round, random } = verification;
  const { verifications } = deps.store;
  const limits = round.spec.verification;
  const until = deps.clock.now();
  const count = await verifications.countDue(look, until);
  if (count === 0) return;
  const state: LookState = { contradictions: 0, isThorough: count <= limits.removals, unproven: [] };
  const sample = createSample(count, limits, random);
  const listed = await listedAccounts(verification, look, until, count, sample);
  let lateRows = 0;
  await forEachDue(verification, look, until, async (due) => {
    const shown = lateRows < maxLateRows ? listed?.stateOf(due) : undefined;
    const isCertain = due.unprovenRemovals > 0 || due.mayHaveDuplicates;
    if (listed !== undefined && isShownRemoved(verification, due, shown)) {
      await deps.target.submit(() =>
        settleLook(verification, due, { verdict: shownRemoved, others: listed.othersOf(due) }),
      );
    } else if (isCertain || isShownOpen(verification, due, shown) || sample.isChosen()) {
      await deps.target.submit(async () => {
        const verdict = await lookOnce(verification, state, due);
        if (shown === 'active' && verdict?.kind === 'confirmed') lateRows += 1;
      });
    }
  });
  await deps.target.idle();
  await settleByAbsence(verification, state);
  // What is still due was not chosen.
  await forEachDue(verification, look, until, async (due) => {
    if (state.contradictions > 0)
      await deps.target.submit(() => lookOnce(verification, state, due).then(() => undefined));
    else if (look === 1) reportRemoval(verification, due, unread(due));
  });
  await deps.target.idle();
  await settleByAbsence(verification, state);
  if (state.contradictions > 0) return;
  const next = instant(deps.clock.now() + limits.secondLookMs);
  if (look === 1) await verifications.postpone(until, next);
  else await verifications.dismiss(until, next);
}

/** A list whose rows this number of reads has refuted is late: its other rows prove nothing. */
const maxLateRows = 3;

const shownRemoved = { kind: 'confirmed', detail: 'a complete list of the users shows it' } as const;

const unread = ({ evidence = 'answered', detail }: StoredVerification) =>
  ({ result: 'done', evidence, detail }) as const;

/** An account that is not listed was deleted; one that was deactivated may only be hidden from lists. */
function isShownRemoved(
  { deps }: RemovalVerification,
  due: StoredVerification,
  shown: ListedState | undefined,
): boolean {
  if (due.stored.operation.resourceType === 'Group') return false;
  return shown === 'inactive' || (shown === 'absent' && isDeletion(deps.store, due));
}

/** A deleted account is not listed at all. */
const isShownOpen = ({ deps }: RemovalVerification, due: StoredVerification, shown: ListedState | undefined): boolean =>
  shown === 'active' || (shown === 'hidden' && isDeletion(deps.store, due));

/**
 * The list of all users, where the removals are more than are read one by one, and the list takes at most half of the
 * requests of the sample. @returns undefined: the sample is read
 */
async function listedAccounts(
  verification: RemovalVerification,
  look: Look,
  until: Instant,
  count: number,
  sample: RemovalSample,
): Promise<ListedAccounts | undefined> {
  const { deps, round } = verification;
  const { profile, verification: limits } = round.spec;
  const maxPages = Math.floor(sampleSize(count, limits) / 2);
  const { users } = await deps.store.totals();
  const isShort = Math.ceil((users + 1) / profile.limits.pageSize) <= maxPages;
  if (count <= limits.removals || !isShort || profile.protocol.listing === 'unreliable') return undefined;
  const ids = new Set<RemoteId>();
  const externalIds = new Set<string>();
  await forEachDue(verification, look, until, async ({ stored, remoteId, externalId }) => {
    if (stored.operation.resourceType !== 'User') return;
    ids.add(remoteId);
    if (externalId !== undefined) externalIds.add(externalId);
  });
  const { accounts, requests } = await readByList(verification, { ids, externalIds }, maxPages);
  sample.spend(requests);
  return accounts;
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

/** Waits for the known consistency delay of the target, counted from the last removal of this pass. */
async function waitUntilVisible({ deps, round, stop }: RemovalVerification): Promise<void> {
  const delayMs = round.spec.profile.protocol.consistencyDelaySeconds * 1000;
  if (delayMs === 0 || (await deps.store.verifications.countDue(1, deps.clock.now())) === 0) return;
  await deps.clock.sleep(delayMs, stop).catch(() => undefined);
}
