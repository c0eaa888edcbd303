import { instant, type Instant } from '../../model/ids.ts';
import { dayMs, formatTime } from '../../model/time.ts';
import { emptyLookUpStatus } from '../../model/in-doubt.ts';
import type { CreateOperation, Operation } from '../../model/operation.ts';
import type { Outcome, SnapshotChange } from '../../model/outcome.ts';
import { recordKey } from '../../model/record-key.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { displayName } from '../../plan/diff.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import type { CreateInDoubt, LastCreate, StoredOperation, WorkPage } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { settle } from '../settle.ts';
import { claimedIdOf } from './ownership.ts';
import { prepare } from './pages/prepare.ts';
import type { Work } from './pages/work.ts';
import { record } from './record.ts';
import { lookUpCreate, send } from './send.ts';

/** A create that was sent without an answer, and that no look-up shows yet. */
export interface UnansweredCreate {
  readonly stored: StoredOperation & { readonly operation: CreateOperation };
  readonly result: PerformResult<Outcome>;
}

/** When an unanswered create is looked up again, in seconds after the round, if the profile states no delay. */
const defaultSchedule: readonly number[] = [2, 5, 15];

/** More than the requests that can be in flight at once. The next pass looks up the others. */
const maxLookups = 500;

/**
 * The seconds after which unanswered creates are looked up again, in ascending order. Until the last one, an empty
 * search proves nothing.
 *
 * @param consistencyDelaySeconds of the profile; 0: not known
 */
export function lookUpSchedule(consistencyDelaySeconds: number): readonly number[] {
  return consistencyDelaySeconds === 0
    ? defaultSchedule
    : [...defaultSchedule.filter((seconds) => seconds < consistencyDelaySeconds), consistencyDelaySeconds];
}

/**
 * Waits until the target shows a create that an interrupted pass sent without an answer. Where searches show accounts
 * at once and the target refuses duplicates, no wait is needed.
 */
export async function waitUntilShown(
  { clock }: Pick<ExecutionDeps, 'clock'>,
  { spec }: Pick<ExecutionRound, 'spec'>,
  resourceType: ResourceType,
  { sentAt: since }: Pick<CreateInDoubt, 'sentAt'>,
  stop: AbortSignal,
): Promise<void> {
  const { consistencyDelaySeconds, allowsDuplicates } = spec.profile.protocol;
  if (since === undefined || (consistencyDelaySeconds === 0 && !allowsDuplicates.includes(resourceType))) return;
  const delayMs = (lookUpSchedule(consistencyDelaySeconds).at(-1) ?? 0) * 1000;
  const wait = since + delayMs - clock.now();
  // When the pass is stopped, the operation is not sent.
  if (wait > 0) await clock.sleep(wait, stop).catch(() => undefined);
}

/**
 * A create that was not answered is looked up by what it sent then, since the name may have changed. What is not found
 * is created.
 */
export async function verifyUnanswered(
  deps: ExecutionDeps,
  round: ExecutionRound,
  { id, operation, page }: { readonly id: number; readonly operation: Operation; readonly page: WorkPage },
  stop: AbortSignal,
): Promise<PerformResult<Outcome> | undefined> {
  const { resourceType } = operation;
  const inDoubt = page.unansweredCreates.get(recordKey(operation));
  if (operation.action !== 'create' || inDoubt === undefined) return undefined;
  await waitUntilShown(deps, round, resourceType, inDoubt, stop);
  const { body } = inDoubt;
  if (body === undefined || displayName(resourceType, body) === displayName(resourceType, operation.body))
    return undefined;
  const paths = round.mapping.paths(resourceType);
  const prepared = prepare({ ...operation, action: 'verifyCreate', body }, id, page, { paths });
  const verified = await send(deps, round, id, prepared, stop);
  return verified.outcome.kind === 'adopted' ? verified : undefined;
}

/** How late the searches of a target may be. */
export interface SearchDelays {
  /** After this time, searches usually show an account: the profile states it, or the schedule of a pass. */
  readonly delayMs: number;
  /** Between the first look-up that finds nothing and the one that counts. */
  readonly secondLookMs: number;
}

/**
 * Why an empty look-up is not the end of an unanswered or refused create of a user who left: searches may be late, and
 * a conflict states that the target has such an account. @returns undefined where it is the end
 *
 *     last create        an empty look-up is the end
 *     refused with 409   a day after it
 *     not answered       as the second one, ten minutes after the first: searches may be later than in any schedule
 *     refused            ten minutes after it
 */
export function whyNotSettled(
  { sentAt, status, firstEmptyAt }: LastCreate,
  now: Instant,
  { delayMs, secondLookMs }: SearchDelays,
): string | undefined {
  if (status === 409 && now - sentAt < dayMs)
    return (
      'the target answered 409 to the create, so it has such an account, but no look-up shows it: ' +
      'look for it there'
    );
  if (now - sentAt < delayMs) return 'no look-up shows the account yet; the next pass looks again';
  const since = status === undefined ? (firstEmptyAt ?? now) : sentAt;
  return now - since < secondLookMs
    ? 'no look-up shows the account, which proves nothing yet, since searches may be late; ' +
        `it is looked up once more in a pass after ${formatTime(instant(since + secondLookMs))}`
    : undefined;
}

/** A look-up that found nothing proves only after some time that a create took no effect. */
export function withoutEarlyEnd(
  { clock }: Pick<ExecutionDeps, 'clock'>,
  { spec }: Pick<ExecutionRound, 'spec'>,
  operation: Operation,
  { lastCreates }: Pick<WorkPage, 'lastCreates'>,
  outcome: Outcome,
): Outcome {
  if (operation.action !== 'verifyCreate' || outcome.kind !== 'notFound') return outcome;
  const last = lastCreates.get(recordKey(operation));
  if (last === undefined) return { ...outcome, detail: 'no account of this user was found' };
  const delayMs = 1000 * (lookUpSchedule(spec.profile.protocol.consistencyDelaySeconds).at(-1) ?? 0);
  const why = whyNotSettled(last, clock.now(), { delayMs, secondLookMs: spec.verification.secondLookMs });
  // The status distinguishes an empty look-up from one that was not answered.
  return why === undefined ? outcome : { kind: 'unknown', status: emptyLookUpStatus, detail: why };
}

/** A create that was sent more than once, or in doubt before, may have made several accounts. */
export const withDoubt = ({ action }: Operation, change: SnapshotChange, isInDoubt: boolean): SnapshotChange =>
  isInDoubt &&
  (action === 'create' || action === 'verifyCreate') &&
  (change.kind === 'remember' || change.kind === 'adopt')
    ? { ...change, mayHaveDuplicates: true }
    : change;

/**
 * Looks up the unanswered creates of a round together, so that their waits do not add up. What is found is adopted;
 * what is not found stays unanswered, and the next pass looks it up before it sends the create again.
 *
 * @param wait as `waitWithNews`
 * @param settled called once for each create, with its last outcome
 */
export async function lookAgain(
  deps: ExecutionDeps,
  round: ExecutionRound,
  work: Pick<Work, 'of'>,
  creates: readonly UnansweredCreate[],
  { stop, wait }: { readonly stop: AbortSignal; readonly wait: (until: Instant) => Promise<boolean> },
  settled: (create: UnansweredCreate, outcome: Outcome) => void,
): Promise<void> {
  const { clock, target } = deps;
  const since = clock.now();
  let remaining = creates.slice(0, maxLookups);
  for (const seconds of lookUpSchedule(round.spec.profile.protocol.consistencyDelaySeconds)) {
    if (remaining.length === 0 || target.unavailableReason !== undefined) break;
    if (!(await wait(instant(since + seconds * 1000)))) break;
    const found = new Set<UnansweredCreate>();
    const page = await work.of(remaining.map(({ stored }) => stored));
    for (const create of remaining)
      await target.submit(async () => {
        await lookUpOnce(deps, round, page, create, stop, (outcome) => {
          found.add(create);
          settled(create, outcome);
        });
      });
    await target.idle();
    await deps.ledger.flush();
    remaining = remaining.filter((create) => !found.has(create));
  }
  for (const create of [...remaining, ...creates.slice(maxLookups)]) settled(create, create.result.outcome);
}

/** @param found called with the outcome of a create that the target shows, once that is saved */
async function lookUpOnce(
  deps: ExecutionDeps,
  round: ExecutionRound,
  page: WorkPage,
  { stored, result }: UnansweredCreate,
  stop: AbortSignal,
  found: (outcome: Outcome) => void,
): Promise<void> {
  const { operation } = stored;
  const paths = round.mapping.paths(operation.resourceType);
  const { isRecreation: _, ...create } = operation;
  const prepared = prepare({ ...create, action: 'verifyCreate' }, stored.id, page, { paths });
  const answer = await lookUpCreate(deps, round, prepared, stop);
  const { outcome } = answer;
  if (outcome.kind !== 'adopted') return;
  const requests = result.requests + answer.requests;
  const retries = result.retries + answer.retries;
  const known = page.known.get(recordKey(operation));
  const settlement = settle(operation, outcome, known, { requests, retries });
  const claimedId = claimedIdOf(operation, outcome);
  record(deps, round, { stored, outcome, known }, { ...settlement, requests, retries, claimedId }, (owner) => {
    if (owner === undefined) found(outcome);
  });
}
