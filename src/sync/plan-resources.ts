import type { SourceKey } from '../model/ids.ts';
import { namePath } from '../model/kind.ts';
import type { EditOperation, ResourceOperation } from '../model/operation.ts';
import { managerPath } from '../model/path.ts';
import type { Body, Wish } from '../model/resource.ts';
import { diff, displayName, unchangeable } from '../plan/diff.ts';
import { isRename } from '../plan/edits.ts';
import { phaseOf, phases } from '../plan/phases.ts';
import type { Candidate, Extent, PlannedOperation } from '../store/store.ts';
import { claimOf, settleClaims, type ClaimedOperation } from './plan-names.ts';
import type { Planning } from './planning.ts';
import { consider, type Considered } from './standing.ts';

const pageSize = 500;

/** Compares every candidate, people and groups, and records what must change. @returns the groups whose memberships must all be compared */
export async function planResources(planning: Planning, extent: Extent): Promise<readonly SourceKey[]> {
  const { store } = planning;
  await store.chooseCandidates(extent);
  const claimed: ClaimedOperation[] = [];
  const moved: SourceKey[] = [];
  // A full planning looks at everybody and every membership anyway.
  const follows = extent.kind !== 'full';
  let referred: SourceKey[] = [];
  for (let after = 0; ;) {
    const { page, next } = await store.candidates(after, pageSize);
    if (next === undefined) {
      if (referred.length === 0) break;
      await store.chooseReferrers(referred);
      referred = [];
      continue;
    }
    after = next;
    const ready: PlannedOperation[] = [];
    for (const candidate of page) {
      const operation = await planOne(planning, candidate);
      if (follows && candidate.kind === 'Group' && mayHaveMoved(planning, candidate, operation))
        moved.push(candidate.key);
      if (operation === undefined) continue;
      if (follows && operation.kind === 'User' && changesStanding(operation)) referred.push(operation.key);
      const claim = await claimOf(planning, operation);
      if (claim === undefined) ready.push(await placed(planning, operation));
      else claimed.push({ ...claim, planned: await placed(planning, operation) });
    }
    await planning.add(ready);
    await planning.breathe();
  }
  await planning.add(await settleClaims(planning, claimed));
  return moved;
}

/** A group of any size whose name alone changed has the members that it had. */
function mayHaveMoved({ diffRules }: Planning, { due }: Candidate, operation: ResourceOperation | undefined): boolean {
  return (
    due ||
    diffRules.leavers.groups === 'keep' ||
    diffRules.holds.givenGroups ||
    (operation !== undefined && changesStanding(operation))
  );
}

function changesStanding({ action }: ResourceOperation): boolean {
  return action !== 'update' && action !== 'claim';
}

async function planOne(planning: Planning, candidate: Candidate): Promise<ResourceOperation | undefined> {
  const { rules, diffRules, now } = planning;
  const considered = consider(candidate, rules, diffRules, now);
  planning.fates.remember(candidate.kind, candidate.key, considered);
  const { wish } = considered;
  if (wish.kind === 'rejected') return planning.note(candidate, wish.reason, true);
  if (considered.standing === 'protected') return noteProtected(planning, considered);
  if (candidate.uncertain && considered.operation === undefined && !considered.known) return claim(planning, candidate);
  if (wish.kind === 'present') noteFixed(planning, candidate, wish.body);
  if (wish.kind !== 'present' || candidate.kind !== 'User') return considered.operation;
  const resolved = await withReference(planning, candidate, wish);
  return resolved === wish
    ? considered.operation
    : diff({ ...candidate, wish: resolved, known: candidate.known }, diffRules, now);
}

/** Somebody whose create was never answered, and who is not wished there any more: an account that nobody knows may stand open. */
async function claim(planning: Planning, { kind, key }: Candidate): Promise<ResourceOperation | undefined> {
  const body = await planning.unanswered(kind, key);
  if (body === undefined) return undefined;
  return {
    action: 'claim',
    kind,
    key,
    name: displayName(kind, body),
    reason: 'an earlier create was never answered',
    body,
  };
}

/** What stays as it is there is said, since the source says otherwise. */
function noteFixed(planning: Planning, candidate: Candidate, wished: Body): void {
  const { known } = candidate;
  if (known === undefined) return;
  for (const { path, from, to } of unchangeable(known, wished, planning.diffRules)) {
    planning.note(
      candidate,
      `${path} stays ${JSON.stringify(from)} there, and is not changed to ${JSON.stringify(to)}: this application does not let it be changed`,
      false,
    );
  }
}

function noteProtected(planning: Planning, { candidate, operation }: Considered): undefined {
  if (operation !== undefined)
    planning.note(candidate, `is protected; would otherwise be ${pastTense[operation.action]}`, false);
  return undefined;
}

const pastTense = {
  create: 'created',
  update: 'updated',
  deactivate: 'deactivated',
  reactivate: 'reactivated',
  delete: 'deleted',
  claim: 'looked for',
} as const;

/**
 * A person whose manager is not at this target, and will not be when the plan is carried out, is wished without; the manager's
 * arrival makes the person a candidate again, in the same pass or years later.
 */
async function withReference(
  planning: Planning,
  { key }: Candidate,
  wish: Extract<Wish, { kind: 'present' }>,
): Promise<Wish> {
  const manager = wish.body[managerPath];
  if (typeof manager !== 'string') {
    if (planning.mayWait) await planning.store.rememberWaiting(key, undefined);
    return wish;
  }
  const fate = await planning.fates.of('User', manager as SourceKey);
  const there = fate.known ? fate.action !== 'delete' : fate.standing === 'present';
  await planning.store.rememberWaiting(key, there ? undefined : (manager as SourceKey));
  if (there) return wish;
  const body: Record<string, Body[string]> = { ...wish.body };
  delete body[managerPath];
  return { kind: 'present', body };
}

async function placed(planning: Planning, operation: ResourceOperation): Promise<PlannedOperation> {
  const renames = operation.action === 'update' && operation.kind === 'User' && operation.edits.some(isRename);
  return { operation, phase: await phaseFor(planning, operation), wave: 0, renames };
}

/** As the order of the world has it, but an edit that points to somebody who is only being created waits for that. */
async function phaseFor(planning: Planning, operation: ResourceOperation): Promise<number> {
  if (operation.kind !== 'User' || (operation.action !== 'update' && operation.action !== 'reactivate'))
    return phaseOf(operation);
  const manager = newManager(operation);
  if (manager === undefined) return phaseOf(operation);
  const fate = await planning.fates.of('User', manager);
  return fate.known ? phaseOf(operation) : phases.referToCreated;
}

function newManager(operation: EditOperation): SourceKey | undefined {
  const to = operation.edits.find(({ path }) => path === managerPath)?.to;
  return typeof to === 'string' ? (to as SourceKey) : undefined;
}

/** What to call a record that has no body yet. */
export function nameOfCandidate(candidate: Candidate): string {
  const { kind, record, known } = candidate;
  if (known !== undefined) return displayName(kind, known.body);
  const attributes = record?.attributes ?? {};
  return attributes[namePath(kind)]?.[0] ?? attributes['mail']?.[0] ?? attributes['name']?.[0] ?? '';
}
