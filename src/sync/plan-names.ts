import { createHash } from 'node:crypto';
import type { SourceKey } from '../model/ids.ts';
import { namePath, type Kind } from '../model/kind.ts';
import type { EditOperation, Operation } from '../model/operation.ts';
import type { Known } from '../model/resource.ts';
import { nameOrder, parkedName, type HolderFate } from '../plan/names.ts';
import { phases } from '../plan/phases.ts';
import type { PlannedOperation } from '../store/store.ts';
import type { Planning } from './planning.ts';

/** An operation that takes a name which another account of ours holds at this moment. As few as names change hands. */
export interface ClaimedOperation {
  readonly planned: PlannedOperation;
  readonly holder: Known;
}

export async function claimOf(
  planning: Planning,
  operation: Operation,
): Promise<{ readonly holder: Known } | undefined> {
  const name = takenName(operation);
  if (name === undefined) return undefined;
  const holders = await planning.store.knownByName(operation.kind, name.toLowerCase());
  const holder = holders.find(({ key }) => key !== operation.key);
  return holder === undefined ? undefined : { holder };
}

function takenName(operation: Operation): string | undefined {
  const path = namePath(operation.kind);
  if (operation.action === 'create') return asText(operation.body[path]);
  if (!('edits' in operation)) return undefined;
  return asText(operation.edits.find((edit) => edit.path === path)?.to);
}

/** Puts the operations that take each other's names into an order in which they can succeed. */
export async function settleClaims(
  planning: Planning,
  claimed: readonly ClaimedOperation[],
): Promise<readonly PlannedOperation[]> {
  const result: PlannedOperation[] = [];
  for (const kind of ['User', 'Group'] as const) {
    const ofKind = claimed.filter(({ planned }) => planned.operation.kind === kind);
    if (ofKind.length > 0) result.push(...(await settleKind(planning, kind, ofKind)));
  }
  return result;
}

async function settleKind(
  planning: Planning,
  kind: Kind,
  claimed: readonly ClaimedOperation[],
): Promise<readonly PlannedOperation[]> {
  const holders = new Map(claimed.map(({ holder }) => [holder.key, holder]));
  const fates = new Map<SourceKey, HolderFate>();
  for (const key of holders.keys()) fates.set(key, await holderFate(planning, kind, key));
  const order = nameOrder(
    claimed.map(({ planned, holder }) => ({ key: planned.operation.key, holder: holder.key })),
    (key) => fates.get(key) ?? 'stays',
  );
  const result = order.park
    .filter((key) => fates.get(key) !== 'departed' || canRenameClosed(planning))
    .map((key) => holders.get(key))
    .filter((holder) => holder !== undefined)
    .map((holder) => park(kind, holder, fates.get(holder.key) === 'departed' ? phases.freeNames : phases.openRings));
  for (const { planned, holder } of claimed) {
    const { operation } = planned;
    const keeper = order.refused.get(operation.key);
    if (keeper === undefined) {
      result.push({ ...planned, wave: operation.action === 'create' ? 0 : (order.waves.get(operation.key) ?? 0) });
    } else {
      const held = holders.get(keeper) ?? holder;
      planning.note(
        operation,
        `cannot be called "${takenName(operation) ?? ''}": ${kind === 'User' ? 'the account' : 'the group'} of key ${held.key} has that name and keeps it`,
        true,
      );
    }
  }
  return result;
}

/** Where a closed account cannot be changed, its name is free already, or whoever wants it is told that it is not. */
function canRenameClosed({ profile: { speaks } }: Planning): boolean {
  return speaks.inactiveChanges && speaks.inactiveUsers === 'readable';
}

async function holderFate(planning: Planning, kind: Kind, key: SourceKey): Promise<HolderFate> {
  const fate = await planning.fates.of(kind, key);
  if (fate.action === 'delete') return 'deleted';
  if (fate.standing === 'absent' && kind === 'User') return 'departed';
  return fate.standing === 'present' && fate.frees ? 'renamed' : 'stays';
}

/** Gives an account a name that nobody wants, so that its own becomes free. The mark is made of the key, so that a repetition is the same. */
function park(kind: Kind, holder: Known, phase: number): PlannedOperation {
  const path = namePath(kind);
  const from = asText(holder.body[path]) ?? '';
  const mark = createHash('sha256').update(holder.key).digest('hex').slice(0, 8);
  const to = parkedName(from, mark);
  const operation: EditOperation = {
    action: 'update',
    kind,
    key: holder.key,
    name: from,
    reason: `its name "${from}" goes to somebody else`,
    edits: [{ path, from, to }],
    body: { ...holder.body, [path]: to },
  };
  return { operation, phase, wave: 0, renames: false };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
