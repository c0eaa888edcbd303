import type { Operation } from '../model/operation.ts';

/**
 * The order of operations at every target.
 *
 *  - Leavers come first: under a rate limit the order decides how long they keep access.
 *  - A name is released before another account takes it.
 *  - Users are created before the groups that contain them.
 *  - A user whose new manager is created in the same round is updated after that create.
 *
 * Within a phase, operations change different resources and run concurrently, except where `wave` orders them.
 */
export const phases = {
  verifyCreate: 5,
  deactivate: 10,
  removeMembers: 20,
  deleteUsers: 30,
  deleteGroups: 40,
  releaseNames: 50,
  breakRenameCycles: 55,
  updateUsers: 60,
  createUsers: 70,
  linkToCreated: 80,
  updateGroups: 90,
  createGroups: 100,
  addMembers: 110,
} as const;

/** Phases that a hold of removals keeps back. `releaseNames` is one: it would rename a leaver whose removal is held. */
export const removalPhases: readonly number[] = [
  phases.deactivate,
  phases.deleteUsers,
  phases.deleteGroups,
  phases.releaseNames,
];

/** The last phase that ends access. What it and the phases before it sent is verified before anything else is sent. */
export const lastRemovalPhase: number = phases.deleteGroups;

/** The phase of an operation by its action. Planning may choose a later phase for operations that wait for others. */
export function phaseOf(operation: Operation): number {
  const isUser = operation.resourceType === 'User';
  switch (operation.action) {
    case 'verifyCreate':
      return phases.verifyCreate;
    case 'deactivate':
      return phases.deactivate;
    case 'delete':
      return isUser ? phases.deleteUsers : phases.deleteGroups;
    case 'update':
    case 'reactivate':
      return isUser ? phases.updateUsers : phases.updateGroups;
    case 'create':
      return isUser ? phases.createUsers : phases.createGroups;
    case 'members':
      return operation.remove.length > 0 ? phases.removeMembers : phases.addMembers;
  }
}
