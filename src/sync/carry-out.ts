import { allOperations } from './all-operations.ts';
import { edited, settle } from './settle.ts';
import { openAdoption, type Adoption } from './adoption.ts';
import type { Kind } from '../model/kind.ts';
import type { Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Known } from '../model/resource.ts';
import { displayName } from '../plan/diff.ts';
import { phases } from '../plan/phases.ts';
import type { Performed } from '../scim/addressed.ts';
import { placeMembers } from '../scim/say-members.ts';
import type { StoredOperation, TargetStore } from '../store/store.ts';
import { stateOf } from '../store/journal.ts';
import type { Emit, Result } from './events.ts';
import type { PlanIo } from './pass-io.ts';
import type { CarryOutIo, Round } from './round.ts';

/** How many operations ended how. */
export interface Tally {
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
export async function carryOut(io: CarryOutIo, round: Round, tally: Tally, stop: AbortSignal): Promise<void> {
  const { journal, target } = io;
  const adoption = openAdoption(io, round);
  let before: StoredOperation | undefined;
  let createsGroups = false;
  for (;;) {
    const page = await journal.operations(round.pass, round.spec.name, round.round, before, pageSize);
    if (page.length === 0) break;
    for (const stored of page) {
      createsGroups ||= stored.phase === phases.createGroups;
      if (before === undefined || !mayOverlap(before, stored, target.sendsTogether && !createsGroups))
        await target.idle();
      if (stop.aborted || target.unavailable !== undefined) {
        await target.idle();
        return;
      }
      before = stored;
      if (stored.state === 'held') continue;
      if (stored.operation.action === 'create') await adoption.prepare(stored.operation.kind, stop);
      await target.submit(() => performOne(io, round, stored, adoption, tally, stop), priorityOf(stored));
    }
  }
  await target.idle();
}

/**
 * Whether an operation may be under way together with the one before it. Where requests are sent together, whoever comes may be
 * pointed to before the answer, by a person's manager or a membership; only a group must be there before it takes members.
 */
function mayOverlap(before: StoredOperation, after: StoredOperation, together: boolean): boolean {
  if (before.phase === after.phase && before.wave === after.wave) return true;
  return together && before.phase >= phases.createUsers;
}

/** Says of everything that a round holds back that it is held. */
export async function reportHeld({ store, emit }: PlanIo, { pass, round, spec }: Round, tally: Tally): Promise<void> {
  for await (const { operation, state } of allOperations(store.journal, pass, spec.name, round)) {
    if (state === 'held') report(emit, spec.name, operation, 'held', undefined, undefined, tally);
  }
}

/** Removals overtake whatever waits in the queue. */
function priorityOf({ phase }: StoredOperation): number {
  return phase < phases.freeNames ? 1 : 0;
}

async function performOne(
  io: CarryOutIo,
  round: Round,
  stored: StoredOperation,
  adoption: Adoption,
  tally: Tally,
  stop: AbortSignal,
): Promise<void> {
  const { journal, store, clock } = io;
  const operation = remaining(stored.operation, store);
  if (operation === undefined) {
    await journal.answered(round.pass, store, stored, {
      outcome: { kind: 'done', status: 200, detail: 'it was so already' },
      change: said(stored.operation),
      due: 'settled',
      requests: 0,
      retries: 0,
      at: clock.now(),
    });
    report(io.emit, io.target.name, stored.operation, 'done', 200, 'it was so already', tally);
    return;
  }
  if (
    operation.action === 'delete' &&
    operation.kind === 'User' &&
    journal.membershipsRemain(round.pass, round.spec.name, operation.key)
  ) {
    await closeFirst(io, round, stored, operation, tally, stop);
    return;
  }
  const performed =
    (await unanswered(io, round, stored.id, operation, stop)) ??
    adoption.find(operation) ??
    unsayable(operation, store) ??
    (await send(io, round, stored.id, operation, stop, adoption.mayBeTwin(operation)));
  const { outcome } = performed;
  const { change, due } = settle(operation, outcome, store.known(operation.kind, operation.key), performed);
  if (outcome.kind === 'adopted') adoption.count(operation.kind);
  await journal.answered(
    round.pass,
    store,
    { ...stored, operation },
    {
      outcome,
      change,
      due,
      dropsRefused: round.spec.profile.speaks.readBack !== 'never',
      requests: performed.requests,
      retries: performed.retries,
      at: clock.now(),
    },
  );
  report(
    io.emit,
    io.target.name,
    operation,
    resultOf(operation, outcome),
    'status' in outcome ? outcome.status : undefined,
    'detail' in outcome ? outcome.detail : undefined,
    tally,
  );
}

async function send(
  io: CarryOutIo,
  round: Round,
  id: number,
  operation: Operation,
  stop: AbortSignal,
  mayBeTwin = false,
): Promise<Performed> {
  const { journal, store, target, clock } = io;
  const known = store.known(operation.kind, operation.key);
  await journal.sent(id, clock.now());
  return target.perform(
    {
      operation: asOfNow(operation, known),
      ...(known === undefined ? {} : { remoteId: known.remoteId }),
      ...(known === undefined ? {} : { known: known.body }),
      ...(known?.version === undefined ? {} : { version: known.version }),
      resolve: store.remoteIdOf,
      owner: store.owner,
      uncertain: operation.action === 'create' && store.isUncertain(operation.kind, operation.key),
      mayBeTwin,
      failedBefore: () => journal.failedBefore(id),
      paths: round.rules.paths(operation.kind),
      adopt: round.spec.adopt,
      nameOf: ({ kind, key }) => nameThere(store.known(kind, key)),
      allMembers: () => placeMembers({ remove: [], add: store.membersOf(operation.key) }, store.remoteIdOf).add,
    },
    stop,
  );
}

const nameThere = (known: Known | undefined): string | undefined =>
  known === undefined ? undefined : displayName(known.kind, known.body);

/** What a target that takes the whole resource is to be told: what is known of it now, which may not be what was known when it was planned, with the edits. */
function asOfNow(operation: Operation, known: Known | undefined): Operation {
  return 'edits' in operation && known !== undefined
    ? { ...operation, body: edited(known.body, operation.edits) }
    : operation;
}

/**
 * An account that is deleted while a group still names it leaves a member there that nobody can ever name again. It loses its access
 * at once all the same, and is deleted by the pass in which its memberships have ended.
 */
async function closeFirst(
  io: CarryOutIo,
  round: Round,
  stored: StoredOperation,
  operation: Operation,
  tally: Tally,
  stop: AbortSignal,
): Promise<void> {
  const { journal, store, clock } = io;
  const known = store.known(operation.kind, operation.key);
  const edits = [{ path: 'active', from: true, to: false }];
  const { kind, key, name, reason } = operation;
  const deactivation: Operation = {
    action: 'deactivate',
    kind,
    key,
    name,
    reason,
    edits,
    body: edited(known?.body ?? {}, edits),
  };
  const performed = known?.active === true ? await send(io, round, stored.id, deactivation, stop) : undefined;
  const closed = performed === undefined || performed.outcome.kind === 'done';
  const { change } =
    performed === undefined
      ? { change: { kind: 'keep' } as const }
      : settle(deactivation, performed.outcome, known, performed);
  const detail = `its memberships could not be ended yet, so it is not deleted in this pass; it ${closed ? 'is deactivated' : 'could not be deactivated either'}`;
  const { requests, retries } = performed ?? { requests: 0, retries: 0 };
  await journal.answered(round.pass, store, stored, {
    outcome: { kind: 'skipped', detail },
    change,
    due: 'again',
    requests,
    retries,
    at: clock.now(),
  });
  report(io.emit, io.target.name, operation, closed ? 'skipped' : 'failed', undefined, detail, tally);
}

/** A create that was never answered is looked for by what was said then: its name may have changed since. What it does not find, the create itself looks up. */
async function unanswered(
  io: CarryOutIo,
  round: Round,
  id: number,
  operation: Operation,
  stop: AbortSignal,
): Promise<Performed | undefined> {
  const { kind, key } = operation;
  if (operation.action !== 'create' || !io.store.isUncertain(kind, key)) return undefined;
  const body = await io.journal.unanswered(round.spec.name, kind, key);
  if (body === undefined || displayName(kind, body) === displayName(kind, operation.body)) return undefined;
  const looked = await send(io, round, id, { ...operation, action: 'claim', body }, stop);
  return looked.outcome.kind === 'adopted' ? looked : undefined;
}

/** A group that was adopted a moment ago may hold some of its members already: adding them twice is refused by some targets and doubled by others. */
function remaining(operation: Operation, store: TargetStore): Operation | undefined {
  if (operation.action !== 'members') return operation;
  const add = operation.add.filter((member) => !store.isMember(operation.key, member));
  if (add.length === operation.add.length) return operation;
  return add.length + operation.remove.length === 0 ? undefined : { ...operation, add };
}

const said = (operation: Operation) =>
  operation.action === 'members'
    ? ({ kind: 'members', added: operation.add, removed: operation.remove } as const)
    : ({ kind: 'keep' } as const);

/** What cannot be said because it points to something that is not there. */
function unsayable(operation: Operation, store: TargetStore): Performed | undefined {
  if (
    operation.action === 'create' ||
    operation.action === 'claim' ||
    store.remoteIdOf(operation.kind, operation.key) !== undefined
  )
    return undefined;
  const what: Record<Kind, string> = { User: 'the account', Group: 'the group' };
  return {
    outcome: { kind: 'skipped', detail: `${what[operation.kind]} is not at the target; the next pass looks again` },
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
  tally: Tally,
): void {
  tally[result === 'done' || result === 'adopted' ? 'succeeded' : result] += 1;
  emit({ type: 'operation', target, operation, result, status, detail });
}
