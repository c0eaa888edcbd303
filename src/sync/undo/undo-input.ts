import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { Instant, SourceKey } from '../../model/ids.ts';
import type { Member } from '../../model/operation.ts';
import type { RecordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { PlanCommands } from '../../plan/guard/guard.ts';
import { netEffect } from '../../plan/undo/net-effect.ts';
import { undoRecord, type Shown, type UndoDecision, type UndoOptions } from '../../plan/undo/undo-record.ts';
import type { ResourceEffect } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import { isAtTarget } from '../evaluate-record.ts';
import type { PassApprovals } from '../guard/pass-approvals.ts';

/** Which part of a pass is undone. */
export interface UndoneWork {
  /** The pass that is undone. */
  readonly undone: number;
  /** Only what the pass did with these users; undefined: all. */
  readonly users: ReadonlySet<SourceKey> | undefined;
}

/** The undo of a pass at one target, before it is planned. */
export interface UndoInput extends UndoneWork {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
  /** The pass that carries the undo out. */
  readonly pass: number;
  readonly approvals: PassApprovals;
  readonly now: Instant;
  readonly commands: PlanCommands;
  /** The accounts that do not hold what the target acknowledged, or could not be read. */
  readonly shown: ReadonlyMap<RecordKey, Shown>;
}

/** An account that holds what the target acknowledged. */
export const asAcknowledged: Shown = { kind: 'read', others: new Map() };

/** Whether the undo concerns this user or group, or a membership of it. */
export const isUndone = ({ users }: UndoneWork, { resourceType, key }: Member): boolean =>
  users === undefined || (resourceType === 'User' && users.has(key));

/** What the undo does with one user or group. */
export const decide = (
  effect: ResourceEffect,
  { undone, shown, known }: { readonly undone: number; readonly shown: Shown; readonly known: KnownState | undefined },
  options: UndoOptions,
): UndoDecision =>
  undoRecord(
    {
      pass: undone,
      resourceType: effect.resourceType,
      key: effect.key,
      effect: netEffect(effect.operations, effect.deleted),
      isAdopted: effect.isAdopted,
      known: isAtTarget(known) ? known : undefined,
      shown,
    },
    options,
  );

/** What knows the accounts of a target. */
export interface KnownAccounts {
  known(resourceType: ResourceType, key: SourceKey): KnownState | undefined;
}
