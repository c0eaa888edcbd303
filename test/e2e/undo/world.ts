import { unlimitedGuard } from '../../world/limits.ts';
import { expectExitCode } from '../../world/fixture.ts';
import type { Stored } from '../../world/strict-server/resource-store.ts';
import type { StrictServer } from '../../world/strict-server/strict-server.ts';
import { createTwoTargets, stateOf, type TwoTargets } from '../suspensions/two-targets.ts';

/** What both targets hold after pass 1. */
export const before = { ada: 'a Red', bob: 'b Red', cyd: 'c Blue' };

/** What they hold after pass 2, a wrong export. */
export const wrong = { ada: 'wrong Blue', robert: 'b Red', cyd: '-', dan: 'd Blue' };

/** Pass 1 loads both targets. */
export async function loaded(target: object = {}): Promise<TwoTargets> {
  const world = await createTwoTargets(target);
  world.people('1,ada,a,', '2,bob,b,1', '3,cyd,c,1');
  world.groups('g1,Red', 'g2,Blue');
  world.members('g1,1', 'g1,2', 'g2,3');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

/** Pass 2 carries out a wrong export: a leaver, a joiner, a new title, a new login, other members. */
export async function withWrongExport(target: object = {}): Promise<TwoTargets> {
  const world = await loaded(target);
  world.people('1,ada,wrong,', '2,robert,b,', '4,dan,d,1');
  world.members('g1,2', 'g2,1', 'g2,4');
  expectExitCode(await world.cli.run('sync'), 0);
  return world;
}

/** The account with this userName, to be changed as another client would. */
export function accountOf(server: StrictServer, name: string): Stored {
  const found = [...server.users.values()].find(({ data }) => data['userName'] === name);
  if (found === undefined) throw new Error(`no account of ${name}`);
  return found;
}

export { stateOf, unlimitedGuard };
