import type { Operation } from '../model/operation.ts';

/**
 * The order of the world, at every target.
 *
 * Leavers first: under a rate limit the order decides how long somebody keeps access. A name is freed before somebody else
 * takes it; people are there before the groups that they are in; a person whose new manager is only being created waits for that.
 * Inside a phase operations touch different resources and run side by side, except where `wave` orders them.
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

/** The phases that take something away from somebody, and `releaseNames`, which would rename a leaver whom a hold keeps. */
export const removalPhases: readonly number[] = [
  phases.deactivate,
  phases.deleteUsers,
  phases.deleteGroups,
  phases.releaseNames,
];

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
