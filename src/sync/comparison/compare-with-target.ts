import type { TargetMapping } from '../../desired/target-mapping.ts';
import { sourceKey, type RemoteId, type SourceKey } from '../../model/ids.ts';
import type { TargetPlan } from '../../model/plan.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';
import { displayName } from '../../plan/diff.ts';
import { describeLeaverReason } from '../../plan/leavers.ts';
import type { Target } from '../../scim/target.ts';
import type { DryRunTransaction, JournalView, ComparedTarget, OrphanCounts, Serving } from '../../store/store.ts';
import type { ExecutionRound } from '../context.ts';
import type { Emit } from '../events.ts';
import { ambiguousOutcome, findListedAccount, judgeListed } from '../execution/adoption.ts';
import { findInListing } from '../execution/find-in-listing.ts';
import { hasMemoryOf, orphansInListing } from '../execution/orphans.ts';
import { listIntoCache, type ListingResult } from '../execution/listings.ts';
import { judgeListedLeavers } from '../unknown-leavers/unknown-leavers.ts';
import { adoptionPolicy } from '../execution/ownership.ts';

/**
 * What the list of a target adds to a plan.
 *
 *     adopt       a create adopts this account
 *     conflict    a create or the removal of a leaver fails because of this account
 *     leaver      a user who should have no access has this active account, which the state does not know
 *     missing     the state knows this account, and the complete list does not contain it
 *     orphan      this account has an externalId that no record of the source has
 */
export interface Finding {
  readonly kind: 'adopt' | 'conflict' | 'leaver' | 'missing' | 'orphan';
  readonly resourceType: ResourceType;
  /** Key of the record in the source; of an orphan, its externalId. */
  readonly key: SourceKey;
  /** userName or displayName. */
  readonly name: string;
  readonly detail: string;
}

/** One step of the comparison: a type was listed, the list shows something, or orphans are counted. */
export type ComparisonStep =
  | { readonly type: 'listing'; readonly resourceType: ResourceType; readonly result: ListingResult }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'orphans'; readonly counts: OrphanCounts };

/** What the comparison needs. Of a target it receives only the part that sends GET requests. */
export interface ComparisonDeps {
  readonly store: Pick<DryRunTransaction, 'journal' | 'target'>;
  readonly target: Pick<Target, 'list'>;
  readonly emit: Emit;
}

/** The planned target to compare. */
export interface PlannedTarget extends Omit<ExecutionRound, 'round'> {
  readonly plan: TargetPlan;
}

const pageSize = 500;

/**
 * Lists a target and compares the list with the plan and the snapshot. Runs inside the dry run that planned it, after
 * round 0. Writes only to the listing cache, which the rollback removes.
 *
 * Without a single user, an incomplete list of users ends the comparison: the target seems to be unreachable.
 *
 * @throws the reason of `stop`
 */
export async function* compareWithTarget(
  deps: ComparisonDeps,
  run: PlannedTarget,
  stop: AbortSignal,
): AsyncGenerator<ComparisonStep, void> {
  const { spec, mapping, pass, plan } = run;
  const { journal } = deps.store;
  const store = await deps.store.target(spec.name);
  const hasMemory = await hasMemoryOf(store);
  const listingDeps = { target: deps.target, store, emit: onlyStart(deps.emit) };
  for (const resourceType of ['User', 'Group'] as const) {
    const isNeeded =
      resourceType === 'User' ||
      plan.known.groups > 0 ||
      (await journal.countCreates(pass, spec.name, 0, resourceType)) > 0;
    if (!isNeeded) continue;
    const result = await listIntoCache(listingDeps, spec.name, resourceType, mapping, stop);
    stop.throwIfAborted();
    yield { type: 'listing', resourceType, result };
    if (!result.complete && result.found === 0) return;
    for await (const finding of findings({ journal, store }, run, resourceType, result))
      yield { type: 'finding', finding };
    if (resourceType === 'User' && result.found > 0) yield* orphans(store, mapping, hasMemory);
  }
}

/** As a pass that lists the target finds them. */
async function* orphans(
  store: ComparedTarget,
  mapping: TargetMapping,
  hasMemory: boolean,
): AsyncGenerator<ComparisonStep> {
  let count = 0;
  for await (const { remoteId, active, body } of orphansInListing(store, mapping)) {
    count += 1;
    const { externalId } = body;
    const key = sourceKey(typeof externalId === 'string' ? externalId : String(remoteId));
    const detail =
      `the ${active ? 'active' : 'inactive'} account ${remoteId} has an externalId that no record of the source has; ` +
      '"scimsync orphans" deals with it after a pass that lists the target';
    const name = displayName('User', body);
    yield { type: 'finding', finding: { kind: 'orphan', resourceType: 'User', key, name, detail } };
  }
  const unowned = hasMemory
    ? (await store.orphans.counts()).unowned
    : await store.orphans.candidatesWithoutExternalId();
  if (count + unowned > 0) yield { type: 'orphans', counts: { orphans: count, unowned } };
}

/** The caller reports how a listing ended: the event is written for a pass that sends. */
const onlyStart =
  (emit: Emit): Emit =>
  (event) => {
    if (event.type === 'listing') emit(event);
  };

interface FindingDeps {
  readonly journal: JournalView;
  readonly store: ComparedTarget;
}

async function* findings(
  deps: FindingDeps,
  run: PlannedTarget,
  resourceType: ResourceType,
  result: ListingResult,
): AsyncGenerator<Finding> {
  yield* findingsOfCreates(deps, run, resourceType);
  if (resourceType === 'User') yield* findingsOfLeavers(deps, run);
  if (result.complete) yield* missingAccounts(deps.store, run, resourceType);
}

async function* findingsOfCreates(
  { journal, store }: FindingDeps,
  { pass, spec, mapping }: PlannedTarget,
  resourceType: ResourceType,
): AsyncGenerator<Finding> {
  for await (const { operation } of journal.allOperations(pass, spec.name, 0)) {
    if (operation.resourceType !== resourceType) continue;
    if (operation.action !== 'create' && operation.action !== 'verifyCreate') continue;
    const { protocol } = spec.profile;
    const match = await findListedAccount(store, { protocol, mapping }, operation, operation.body);
    if (match === undefined) continue;
    const { remoteId, active } = match.resource;
    // The plan knows this account: an operation of the same pass may release its name before the create.
    const owner = store.owner(resourceType, remoteId);
    if (owner !== undefined && owner !== operation.key) continue;
    const { key, name } = operation;
    const owners: Serving['owners'] = async (accounts) =>
      accounts.map(({ resourceType: type, id }) => store.owner(type, id));
    const outcome = await judgeListed({ owners }, operation, match, adoptionPolicy(spec, mapping));
    if (outcome.kind === 'adopted') {
      const isInactive = resourceType === 'User' && !active;
      const detail =
        describeAccount(resourceType, remoteId, match.by) +
        (isInactive ? '; it is inactive at the target, and the user should be active' : '');
      yield { kind: 'adopt', resourceType, key, name, detail };
    } else if ('detail' in outcome && outcome.detail !== undefined) {
      yield { kind: 'conflict', resourceType, key, name, detail: outcome.detail };
    }
  }
}

async function* findingsOfLeavers(deps: FindingDeps, run: PlannedTarget): AsyncGenerator<Finding> {
  for (const { leaver, verdict } of await judgeListedLeavers(deps, run)) {
    const { record, reason, identity, match } = leaver;
    const finding = { resourceType: 'User', key: record.key, name: displayName('User', identity) } as const;
    if (verdict === 'ambiguous') {
      const outcome = ambiguousOutcome(match.by, match.value);
      if (outcome.kind === 'rejected') yield { ...finding, kind: 'conflict', detail: outcome.detail };
      continue;
    }
    yield {
      ...finding,
      kind: 'leaver',
      detail:
        `${describeLeaverReason(reason)}, and has an active account: ` +
        `${describeAccount('User', match.resource.remoteId, match.by)}; ${whatSyncDoes(run)}`,
    };
  }
}

function whatSyncDoes({ spec, plan }: PlannedTarget): string {
  if (plan.hasUnmatchedLeavers) return 'a sync adopts it and removes its access by the leaver rule';
  const why = spec.adopt
    ? 'only the first pass compares such users with the target'
    : 'adoption is switched off for this target';
  return `a sync does not change it, because ${why}: close it at the target`;
}

async function* missingAccounts(
  store: ComparedTarget,
  { spec }: PlannedTarget,
  resourceType: ResourceType,
): AsyncGenerator<Finding> {
  const { protocol } = spec.profile;
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<ComparedTarget['listingCache']['unlisted']>> =
      await store.listingCache.unlisted(resourceType, after, pageSize);
    for (const known of page) {
      // Such a target omits inactive users from its lists, or shows them under other names.
      if (!known.active && protocol.inactiveUsers !== 'readable') continue;
      const { key, body } = known;
      const detail = describeMissing(known, findInListing(store.listingCache, protocol, resourceType, body));
      yield { kind: 'missing', resourceType, key, name: displayName(resourceType, body), detail };
    }
    after = next;
  }
}

function describeMissing({ resourceType, remoteId }: KnownState, match: ReturnType<typeof findInListing>): string {
  const elsewhere =
    match === undefined ? '' : `; the list has ${match.by} "${match.value}" under the id ${match.resource.remoteId}`;
  return (
    `the state knows ${describeAccount(resourceType, remoteId)}, and the complete list does not contain it` +
    `${elsewhere}; the next change of it is verified by a read`
  );
}

const describeAccount = (resourceType: ResourceType, id: RemoteId, by?: string): string =>
  `the ${resourceType === 'User' ? 'account' : 'group'} ${id}${by === undefined ? '' : `, found by ${by}`}`;
