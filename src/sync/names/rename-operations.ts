import { createHash } from 'node:crypto';
import type { SourceKey } from '../../model/ids.ts';
import { resourceTypes, uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import type { EditOperation, Operation } from '../../model/operation.ts';
import type { KnownState } from '../../model/resource.ts';
import { renameOrder, temporaryName, type HolderPlan } from '../../plan/rename-order.ts';
import { phases } from '../../plan/phases.ts';
import type { PlannedOperation } from '../../store/store.ts';
import type { PlanContext } from '../plan-context.ts';

/** What the order of names depends on. */
export interface NameContext extends Pick<PlanContext, 'profile' | 'note'> {
  readonly store: Pick<PlanContext['store'], 'knownByName'>;
  readonly plannedStates: Pick<PlanContext['plannedStates'], 'of'>;
}

/** An operation that needs a name which another account in the snapshot holds. Rare: only when names change hands. */
export interface ConflictingOperation {
  readonly planned: PlannedOperation;
  readonly holder: KnownState;
}

/** The account that holds the name that an operation needs; undefined: no conflict. */
export async function nameConflictOf(
  context: NameContext,
  operation: Operation,
): Promise<{ readonly holder: KnownState } | undefined> {
  const name = requestedName(operation);
  if (name === undefined) return undefined;
  const holders = await context.store.knownByName(operation.resourceType, name.toLowerCase());
  const holder = holders.find(({ key }) => key !== operation.key);
  return holder === undefined ? undefined : { holder };
}

/** The userName or displayName that an operation gives to its account; undefined: it leaves the name as it is. */
export function requestedName(operation: Operation): string | undefined {
  const path = uniqueNameAttribute(operation.resourceType);
  if (operation.action === 'create') return asText(operation.body[path]);
  if (!('edits' in operation)) return undefined;
  return asText(operation.edits.find((edit) => edit.path === path)?.to);
}

/**
 * Orders operations that need each other's names, so that each can succeed. Adds renames to temporary names, and notes
 * operations whose name stays with its holder instead of returning them.
 */
export async function orderRenames(
  context: NameContext,
  conflicts: readonly ConflictingOperation[],
): Promise<readonly PlannedOperation[]> {
  const result: PlannedOperation[] = [];
  for (const resourceType of resourceTypes) {
    const ofType = conflicts.filter(({ planned }) => planned.operation.resourceType === resourceType);
    if (ofType.length > 0) result.push(...(await orderRenamesOfType(context, resourceType, ofType)));
  }
  return result;
}

async function orderRenamesOfType(
  context: NameContext,
  resourceType: ResourceType,
  conflicts: readonly ConflictingOperation[],
): Promise<readonly PlannedOperation[]> {
  const holders = new Map(conflicts.map(({ holder }) => [holder.key, holder]));
  const holderPlans = new Map<SourceKey, HolderPlan>();
  for (const key of holders.keys()) holderPlans.set(key, await holderPlanOf(context, resourceType, key));
  // The application decides whether two groups have one name.
  const isShared = ({ holder }: ConflictingOperation): boolean => holderPlans.get(holder.key) === 'shares';
  const ordered = conflicts.filter((conflict) => !isShared(conflict));
  const order = renameOrder(
    ordered.map(({ planned, holder }) => ({ key: planned.operation.key, holder: holder.key })),
    (key) => holderPlans.get(key) ?? 'stays',
  );
  const temporary = order.renameTemporarily
    .filter((key) => resourceType === 'Group' || holderPlans.get(key) !== 'departed' || canRenameInactive(context))
    .map((key) => holders.get(key))
    .filter((holder) => holder !== undefined)
    .map((holder) => temporaryRename(resourceType, holder, holderPlans.get(holder.key) === 'departed'));
  const result = [...temporary, ...conflicts.filter(isShared).map(({ planned }) => planned)];
  for (const { planned, holder } of ordered) {
    const { operation } = planned;
    const keeper = order.refused.get(operation.key);
    if (keeper === undefined) {
      const wave = operation.action === 'create' ? 0 : (order.waves.get(operation.key) ?? 0);
      result.push({ ...planned, wave, waitsFor: holder.key });
    } else {
      const { key } = holders.get(keeper) ?? holder;
      const noun = resourceType === 'User' ? 'account' : 'group';
      context.note(
        operation,
        `cannot get the name "${requestedName(operation) ?? ''}": the ${noun} with key ${key} has it and keeps it`,
        true,
      );
    }
  }
  return result;
}

/**
 * Whether an inactive account can be renamed. If not, its name may be free already; otherwise the target refuses the
 * operation that needs the name.
 */
function canRenameInactive({ profile: { protocol } }: NameContext): boolean {
  return protocol.inactiveUsersWritable && protocol.inactiveUsers === 'readable';
}

/** Whether a group that left the source, and stays without members, can give its name to another one. */
const canRenameGroup = ({ profile: { supports } }: NameContext): boolean =>
  !supports.groupsReadOnly && !supports.groupNameImmutable;

async function holderPlanOf(context: NameContext, resourceType: ResourceType, key: SourceKey): Promise<HolderPlan> {
  const state = await context.plannedStates.of(resourceType, key);
  if (state.action === 'delete') return 'deleted';
  if (state.presence === 'absent' && resourceType === 'User') return 'departed';
  if (state.presence === 'emptied' && canRenameGroup(context)) return 'departed';
  if (state.presence !== 'present') return 'stays';
  if (state.releasesName) return 'renamed';
  return resourceType === 'Group' ? 'shares' : 'stays';
}

/** Gives an account a temporary name, so that its own becomes free. The suffix depends on the key alone: repeatable. */
function temporaryRename(resourceType: ResourceType, holder: KnownState, isDeparted: boolean): PlannedOperation {
  const path = uniqueNameAttribute(resourceType);
  const from = asText(holder.body[path]) ?? '';
  const suffix = createHash('sha256').update(holder.key).digest('hex').slice(0, 8);
  const to = temporaryName(from, suffix);
  const operation: EditOperation = {
    action: 'update',
    resourceType,
    key: holder.key,
    name: from,
    reason: `another ${resourceType === 'User' ? 'user' : 'group'} gets the name "${from}"`,
    edits: [{ path, from, to }],
    body: { ...holder.body, [path]: to },
  };
  if (!isDeparted) return { operation, phase: phases.breakRenameCycles, wave: 0, isRenaming: false };
  const release = { operation, phase: phases.releaseNames, wave: 0, isRenaming: false };
  // An account whose removal failed keeps its name until the removal succeeds.
  return resourceType === 'User' ? { ...release, waitsFor: holder.key } : release;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
