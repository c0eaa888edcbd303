import type { FlatResource, KnownState } from '../../model/resource.ts';
import type { ControlAccount } from '../../scim/removal/external-id-search.ts';
import type { RemovalLook, RemovalVerdict } from '../../scim/target.ts';
import type { StoredVerification } from '../../store/store.ts';
import { maxControls, storesExternalIds } from '../execution/control-accounts.ts';
import { absenceInList } from '../execution/prove-by-list.ts';
import { isUnconfirmed, report } from '../execution/record.ts';
import { closeOthers, type ClosedOthers } from './close-others.ts';
import { settleRemoval, type RemovalReport } from './settle-removal.ts';
import { isDeletion, type RemovalVerification } from './verification-run.ts';

/** Time before a read that contradicts a fresh removal is repeated: many servers show a write a little later. */
const repeatAfterMs = 2_000;
/** A server that contradicts more removals than this is not late. */
const maxRepeats = 10;

/** What one look has found so far. */
export interface LookState {
  contradictions: number;
  /** Whether a second request may be spent on one removal. */
  readonly isThorough: boolean;
  /** Removals that a list of the accounts may confirm, with the verdict of their read. */
  readonly unproven: { readonly due: StoredVerification; readonly verdict: RemovalVerdict }[];
}

/** Reads one removal back, and removes other accounts with the externalId of the user. @returns what the read showed */
export async function lookOnce(
  verification: RemovalVerification,
  state: LookState,
  due: StoredVerification,
): Promise<RemovalVerdict | undefined> {
  const { deps, stop } = verification;
  const { operation } = due.stored;
  let look = await read(verification, state, due);
  if (look.verdict?.kind === 'contradicted' && due.look === 1 && state.contradictions < maxRepeats) {
    await deps.clock.sleep(repeatAfterMs, stop).catch(() => undefined);
    look = await read(verification, state, due);
  }
  const { verdict } = look;
  if (verdict?.kind === 'contradicted') {
    state.contradictions += 1;
    if (due.look === 1)
      deps.target.removalContradicted(operation.resourceType, isDeletion(deps.store, due) ? 'delete' : 'deactivate');
  }
  if (verdict?.kind === 'unknown' && verdict.isProvableByList === true) state.unproven.push({ due, verdict });
  else if (look.isProvableByList === true && verdict !== undefined) state.unproven.push({ due, verdict });
  else await settleLook(verification, due, look);
  return verdict;
}

async function read(
  { deps, round, stop }: RemovalVerification,
  { isThorough }: LookState,
  due: StoredVerification,
): Promise<RemovalLook> {
  const { store, target } = deps;
  const { remoteId, externalId, mayHaveDuplicates, stored } = due;
  const { resourceType } = stored.operation;
  const action = isDeletion(store, due) ? ('delete' as const) : ('deactivate' as const);
  const paths = round.mapping.paths(resourceType);
  const controls = await deps.serving.controlAccounts(round.pass, maxControls);
  const removal = {
    ...{ action, resourceType, remoteId, body: bodyOf(due), paths },
    controls: controls.map((control) => control.remoteId),
  } as const;
  const look =
    resourceType === 'Group'
      ? { verdict: await target.verifyRemoval(removal, stop), others: [] }
      : await target.lookAtRemoval(
          {
            ...removal,
            ...{ externalId, isThorough, mayHaveDuplicates },
            isReadNeeded: due.look === 2 || !due.isSeen,
            isReadBefore: due.look === 2 && due.evidence === 'read',
            externalIdControls: externalIdsOf(controls),
          },
          stop,
        );
  return { ...look, verdict: await withoutForeign(look.verdict, due, { deps, round, stop }) };
}

/** A deletion has no body: its values are those by which a look-up finds the account. */
function bodyOf({ stored: { operation }, externalId }: StoredVerification): FlatResource {
  if ('body' in operation) return operation.body;
  return { userName: operation.name, ...(externalId === undefined ? {} : { externalId }) };
}

/** Those of these accounts that have an externalId. */
const externalIdsOf = (controls: readonly KnownState[]): readonly ControlAccount[] =>
  controls.flatMap(({ remoteId, body: { externalId } }) =>
    typeof externalId === 'string' && externalId !== '' ? [{ remoteId, externalId }] : [],
  );

/**
 * A look-up may find an account that has the name of the removed one by now, and belongs to another record or person.
 */
async function withoutForeign(
  verdict: RemovalVerdict | undefined,
  { remoteId, stored: { operation } }: StoredVerification,
  { deps, round, stop }: Pick<RemovalVerification, 'deps' | 'round' | 'stop'>,
): Promise<RemovalVerdict | undefined> {
  if (verdict?.kind !== 'contradicted' || verdict.resource.remoteId === remoteId) return verdict;
  const { remoteId: otherId } = verdict.resource;
  const owner = deps.store.owner(operation.resourceType, otherId);
  if (owner !== undefined && owner !== operation.key)
    return { kind: 'confirmed', detail: `a read answers 404, and a look-up finds only the account of key ${owner}` };
  if (verdict.isUncertain !== true) return verdict;
  const isStored = await storesExternalIds(deps, round, stop);
  if (isStored === false) return verdict;
  const detail = `a read answers 404, and a look-up finds only the account ${otherId}, which has no externalId`;
  return isStored === true ? { kind: 'confirmed', detail } : { kind: 'unknown', detail };
}

/**
 * One list of the target decides about all removed accounts whose absence no look-up could prove.
 *
 *     list                                    read by id: 404, which removes the account    read by id: no proof
 *     long, not complete, or not plausible    confirmed by the id                           unknown
 *     does not contain the account            confirmed                                     confirmed
 *     has an open account with its values     contradicted                                  contradicted
 */
export async function settleByAbsence(
  verification: RemovalVerification,
  { unproven }: Pick<LookState, 'unproven'>,
): Promise<void> {
  for (const { due, verdict } of unproven.splice(0)) {
    const isListed = verdict.kind === 'unknown' || (await isListShort(verification));
    const judged = isListed ? await judgeByList(verification, due, verdict) : verdict;
    const final = await withoutForeign(judged, due, verification);
    await settleLook(verification, due, { verdict: final, others: [] });
  }
}

/** A list that proves only that an account has no second id takes at most the requests of a sample. */
async function isListShort({ deps, round: { spec } }: RemovalVerification): Promise<boolean> {
  const { users } = await deps.store.totals();
  const { pageSize } = spec.profile.limits;
  return deps.listings.of('User') !== undefined || Math.ceil((users + 1) / pageSize) <= spec.verification.removals;
}

async function judgeByList(
  { deps, round, stop }: RemovalVerification,
  due: StoredVerification,
  verdict: RemovalVerdict,
): Promise<RemovalVerdict> {
  const { resourceType, key } = due.stored.operation;
  const body = deps.store.known(resourceType, key)?.body ?? bodyOf(due);
  const absence = await absenceInList(deps, round.spec, { resourceType, remoteId: due.remoteId, body }, stop);
  if (absence.kind === 'absent')
    return {
      kind: 'confirmed',
      detail: 'the account is gone: a read answers 404, and a complete list does not contain it',
    };
  if (absence.kind !== 'match' || absence.match.isAmbiguous || !absence.match.resource.active) return verdict;
  const { resource, by } = absence.match;
  const { externalId: shown = '' } = resource.body;
  if (shown !== '' && shown !== due.externalId)
    return { kind: 'confirmed', detail: 'a read answers 404, and the list shows its name at another account only' };
  const isUncertain = by !== 'externalId' && due.externalId !== undefined;
  const detail = `the list shows the account under another id (${resource.remoteId}), and it is active`;
  return { kind: 'contradicted', resource, detail, ...(isUncertain ? { isUncertain: true } : {}) };
}

/** Removes the other accounts, and writes what the look showed. */
export async function settleLook(
  verification: RemovalVerification,
  due: StoredVerification,
  look: RemovalLook,
): Promise<void> {
  const { deps, round, stop } = verification;
  const { clock, store } = deps;
  const { operation } = due.stored;
  const { verdict, others, othersUnknown } = look;
  const isInconclusive = look.isInconclusive === true;
  const isSearchFailed = look.isSearchFailed === true;
  const closed: ClosedOthers =
    othersUnknown === undefined
      ? await closeOthers(deps, round, due, others, stop)
      : {
          closed: 0,
          failure: `other accounts with externalId "${due.externalId ?? ''}" could not be looked up: ${othersUnknown}`,
        };
  const known = store.known(operation.resourceType, operation.key);
  const manager = verdict?.kind === 'contradicted' ? verdict.resource.manager : undefined;
  const settled = settleRemoval(due, verdict, {
    known,
    managerOwner: manager === undefined ? undefined : store.owner('User', manager),
    secondLookMs: round.spec.verification.secondLookMs,
    now: clock.now(),
    others: closed,
    isInconclusive,
    isSearchFailed,
  });
  await store.verifications.record(due, settled.record);
  if (settled.report !== undefined) reportRemoval(verification, due, settled.report);
  const isOpen = isInconclusive || isSearchFailed || verdict?.kind === 'unknown';
  if (isOpen && operation.resourceType === 'User' && !isUnconfirmed(operation, settled.report))
    verification.outcomeCounts.unconfirmed += 1;
}

/** Reports how a removal ended. */
export function reportRemoval(
  { deps, outcomeCounts }: RemovalVerification,
  { stored, status }: StoredVerification,
  { result, evidence, detail }: RemovalReport,
): void {
  report(deps.emit, deps.target.name, stored.operation, { result, status, detail, evidence }, outcomeCounts);
}
