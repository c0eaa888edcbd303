import { recordOutcome } from './record-outcome.ts';
import { applyEdits, settle, stateOf } from './settle.ts';
import { createAdoption, type Adoption } from './adoption.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { KnownState } from '../model/resource.ts';
import { displayName } from '../plan/diff.ts';
import { phases } from '../plan/phases.ts';
import type { PerformResult } from '../scim/operation-context.ts';
import { resolveMembers } from '../scim/encode/member-patch.ts';
import type { StoredOperation, TargetStore } from '../store/store.ts';
import type { Emit, Result } from './events.ts';
import type { PlanDeps, ExecutionDeps, ExecutionRound } from './context.ts';

/** How many operations ended how. */
export interface OutcomeCounts {
  succeeded: number;
  failed: number;
  held: number;
  skipped: number;
}

/** Few enough to be forgotten while they are still young: what lives longer is expensive to collect. */
const pageSize = 100;

/**
 * Carries out one round of one target, phase by phase and wave by wave; inside a wave, operations run side by side.
 *
 * Ends early when `stop` is aborted or the target cannot be reached any more: what was not sent is found again by the next pass.
 */
export async function execute(
  deps: ExecutionDeps,
  round: ExecutionRound,
  outcomeCounts: OutcomeCounts,
  stop: AbortSignal,
): Promise<void> {
  const { journal, target } = deps;
  const adoption = createAdoption(deps, round);
  let previous: StoredOperation | undefined;
  let createsGroups = false;
  for (;;) {
    const page = await journal.operations(round.pass, round.spec.name, round.round, previous, pageSize);
    if (page.length === 0) break;
    for (const stored of page) {
      createsGroups ||= stored.phase === phases.createGroups;
      if (previous === undefined || !canOverlap(previous, stored, target.usesBulk && !createsGroups))
        await target.idle();
      if (stop.aborted || target.unavailableReason !== undefined) {
        await target.idle();
        return;
      }
      previous = stored;
      if (stored.state === 'held') continue;
      if (stored.operation.action === 'create') await adoption.listIfWorthwhile(stored.operation.resourceType, stop);
      await target.submit(
        () => executeOperation(deps, round, stored, adoption, outcomeCounts, stop),
        priorityOf(stored),
      );
    }
  }
  await target.idle();
}

/**
 * Whether an operation may be under way together with the one before it. Where requests are sent together, whoever comes may be
 * pointed to before the answer, by a person's manager or a membership; only a group must be there before it takes members.
 */
function canOverlap(before: StoredOperation, after: StoredOperation, isBulk: boolean): boolean {
  if (before.phase === after.phase && before.wave === after.wave) return true;
  return isBulk && before.phase >= phases.createUsers;
}

/** Says of everything that a round holds back that it is held. */
export async function reportHeld(
  { store, emit }: PlanDeps,
  { pass, round, spec }: ExecutionRound,
  outcomeCounts: OutcomeCounts,
): Promise<void> {
  for await (const { operation, state } of store.journal.allOperations(pass, spec.name, round)) {
    if (state === 'held') report(emit, spec.name, operation, 'held', undefined, undefined, outcomeCounts);
  }
}

/** Removals overtake whatever waits in the queue. */
function priorityOf({ phase }: StoredOperation): number {
  return phase < phases.releaseNames ? 1 : 0;
}

async function executeOperation(
  deps: ExecutionDeps,
  round: ExecutionRound,
  stored: StoredOperation,
  adoption: Adoption,
  outcomeCounts: OutcomeCounts,
  stop: AbortSignal,
): Promise<void> {
  const { journal, store, clock } = deps;
  const operation = withoutExistingMembers(stored.operation, store);
  if (operation === undefined) {
    await recordOutcome(journal, round.pass, store, stored, {
      outcome: { kind: 'done', status: 200, detail: 'it was so already' },
      change: assumedChange(stored.operation),
      followUp: 'none',
      requests: 0,
      retries: 0,
      at: clock.now(),
    });
    report(deps.emit, deps.target.name, stored.operation, 'done', 200, 'it was so already', outcomeCounts);
    return;
  }
  if (
    operation.action === 'delete' &&
    operation.resourceType === 'User' &&
    journal.hasRemainingMemberships(round.pass, round.spec.name, operation.key)
  ) {
    await deactivateInstead(deps, round, stored, operation, outcomeCounts, stop);
    return;
  }
  const performed =
    (await verifyUnansweredCreate(deps, round, stored.id, operation, stop)) ??
    adoption.findListed(operation) ??
    missingRemoteId(operation, store) ??
    (await send(deps, round, stored.id, operation, stop, adoption.mayDuplicate(operation)));
  const { outcome } = performed;
  const { change, followUp } = settle(
    operation,
    outcome,
    store.known(operation.resourceType, operation.key),
    performed,
  );
  if (outcome.kind === 'adopted') adoption.countConflict(operation.resourceType);
  await recordOutcome(
    journal,
    round.pass,
    store,
    { ...stored, operation },
    {
      outcome,
      change,
      followUp,
      dropsRefusedMembers: round.spec.profile.protocol.verifyWrites !== 'never',
      requests: performed.requests,
      retries: performed.retries,
      at: clock.now(),
    },
  );
  report(
    deps.emit,
    deps.target.name,
    operation,
    resultOf(operation, outcome),
    'status' in outcome ? outcome.status : undefined,
    'detail' in outcome ? outcome.detail : undefined,
    outcomeCounts,
  );
}

async function send(
  deps: ExecutionDeps,
  round: ExecutionRound,
  id: number,
  operation: Operation,
  stop: AbortSignal,
  mayDuplicate = false,
): Promise<PerformResult> {
  const { journal, store, target, clock } = deps;
  const known = store.known(operation.resourceType, operation.key);
  await journal.markSent(id, clock.now());
  return target.perform(
    {
      operation: rebasedOnKnown(operation, known),
      ...(known === undefined ? {} : { remoteId: known.remoteId }),
      ...(known === undefined ? {} : { knownResource: known.body }),
      ...(known?.version === undefined ? {} : { version: known.version }),
      resolve: store.remoteIdOf,
      owner: store.owner,
      isInDoubt: operation.action === 'create' && store.isCreateInDoubt(operation.resourceType, operation.key),
      mayDuplicate,
      failedBefore: () => journal.hasFailedBefore(id),
      paths: round.mapping.paths(operation.resourceType),
      mayAdopt: round.spec.adopt,
      nameOf: ({ resourceType, key }) => remoteName(store.known(resourceType, key)),
      allMembers: () => resolveMembers({ remove: [], add: store.membersOf(operation.key) }, store.remoteIdOf).add,
    },
    stop,
  );
}

const remoteName = (known: KnownState | undefined): string | undefined =>
  known === undefined ? undefined : displayName(known.resourceType, known.body);

/** What a target that takes the whole resource is to be told: what is known of it now, which may not be what was known when it was planned, with the edits. */
function rebasedOnKnown(operation: Operation, known: KnownState | undefined): Operation {
  return 'edits' in operation && known !== undefined
    ? { ...operation, body: applyEdits(known.body, operation.edits) }
    : operation;
}

/**
 * An account that is deleted while a group still names it leaves a member there that nobody can ever name again. It loses its access
 * at once all the same, and is deleted by the pass in which its memberships have ended.
 */
async function deactivateInstead(
  deps: ExecutionDeps,
  round: ExecutionRound,
  stored: StoredOperation,
  operation: Operation,
  outcomeCounts: OutcomeCounts,
  stop: AbortSignal,
): Promise<void> {
  const { journal, store, clock } = deps;
  const known = store.known(operation.resourceType, operation.key);
  const edits = [{ path: 'active', from: true, to: false }];
  const { resourceType, key, name, reason } = operation;
  const deactivation: Operation = {
    action: 'deactivate',
    resourceType,
    key,
    name,
    reason,
    edits,
    body: applyEdits(known?.body ?? {}, edits),
  };
  const performed = known?.active === true ? await send(deps, round, stored.id, deactivation, stop) : undefined;
  const isDeactivated = performed === undefined || performed.outcome.kind === 'done';
  const { change } =
    performed === undefined
      ? { change: { kind: 'keep' } as const }
      : settle(deactivation, performed.outcome, known, performed);
  const detail = `its memberships could not be ended yet, so it is not deleted in this pass; it ${isDeactivated ? 'is deactivated' : 'could not be deactivated either'}`;
  const { requests, retries } = performed ?? { requests: 0, retries: 0 };
  await recordOutcome(journal, round.pass, store, stored, {
    outcome: { kind: 'skipped', detail },
    change,
    followUp: 'nextPass',
    requests,
    retries,
    at: clock.now(),
  });
  report(
    deps.emit,
    deps.target.name,
    operation,
    isDeactivated ? 'skipped' : 'failed',
    undefined,
    detail,
    outcomeCounts,
  );
}

/** A create that was never answered is looked for by what was said then: its name may have changed since. What it does not find, the create itself looks up. */
async function verifyUnansweredCreate(
  deps: ExecutionDeps,
  round: ExecutionRound,
  id: number,
  operation: Operation,
  stop: AbortSignal,
): Promise<PerformResult | undefined> {
  const { resourceType, key } = operation;
  if (operation.action !== 'create' || !deps.store.isCreateInDoubt(resourceType, key)) return undefined;
  const body = await deps.journal.unansweredCreate(round.spec.name, resourceType, key);
  if (body === undefined || displayName(resourceType, body) === displayName(resourceType, operation.body))
    return undefined;
  const verified = await send(deps, round, id, { ...operation, action: 'verifyCreate', body }, stop);
  return verified.outcome.kind === 'adopted' ? verified : undefined;
}

/** A group that was adopted a moment ago may hold some of its members already: adding them twice is refused by some targets and doubled by others. */
function withoutExistingMembers(operation: Operation, store: TargetStore): Operation | undefined {
  if (operation.action !== 'members') return operation;
  const add = operation.add.filter((member) => !store.isMember(operation.key, member));
  if (add.length === operation.add.length) return operation;
  return add.length + operation.remove.length === 0 ? undefined : { ...operation, add };
}

const assumedChange = (operation: Operation) =>
  operation.action === 'members'
    ? ({ kind: 'members', added: operation.add, removed: operation.remove } as const)
    : ({ kind: 'keep' } as const);

/** What cannot be said because it points to something that is not there. */
function missingRemoteId(operation: Operation, store: TargetStore): PerformResult | undefined {
  if (
    operation.action === 'create' ||
    operation.action === 'verifyCreate' ||
    store.remoteIdOf(operation.resourceType, operation.key) !== undefined
  )
    return undefined;
  const label: Record<ResourceType, string> = { User: 'the account', Group: 'the group' };
  return {
    outcome: {
      kind: 'skipped',
      detail: `${label[operation.resourceType]} is not at the target; the next pass looks again`,
    },
    requests: 0,
    retries: 0,
  };
}

function resultOf(operation: Operation, outcome: Outcome): Result {
  const state = stateOf(operation, outcome);
  return state === 'done' || state === 'adopted' || state === 'skipped' ? state : 'failed';
}

function report(
  emit: Emit,
  target: string,
  operation: Operation,
  result: Result,
  status: number | undefined,
  detail: string | undefined,
  outcomeCounts: OutcomeCounts,
): void {
  outcomeCounts[result === 'done' || result === 'adopted' ? 'succeeded' : result] += 1;
  emit({ type: 'operation', target, operation, result, status, detail });
}
