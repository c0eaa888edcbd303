import type { Operation } from '../model/operation.ts';
import type { HeldPart } from '../model/plan.ts';
import { removalPhases } from './phases.ts';

/**
 * The share of one planned operation that a hold keeps back.
 *
 *     held part     keeps back
 *     removals      deactivations, deletions, and the names that they release;
 *                   the members that membership operations remove
 *     recreations   creates of accounts that are missing at the target
 *     renames       updates that change a userName or an e-mail address
 */
export function heldShare(
  { operation, phase, isRenaming }: HoldInput,
  parts: readonly HeldPart[],
): 'nothing' | 'all' | 'removedMembers' {
  if (isRenaming && parts.includes('renames')) return 'all';
  if (parts.includes('recreations') && operation.action === 'create' && operation.isRecreation === true) return 'all';
  if (!parts.includes('removals')) return 'nothing';
  if (removalPhases.includes(phase)) return 'all';
  if (operation.action !== 'members' || operation.remove.length === 0) return 'nothing';
  return operation.add.length === 0 ? 'all' : 'removedMembers';
}

/** A planned operation, as far as a hold depends on it. */
export interface HoldInput {
  readonly operation: Operation;
  readonly phase: number;
  /** The operation changes a userName or an e-mail address. */
  readonly isRenaming: boolean;
}
