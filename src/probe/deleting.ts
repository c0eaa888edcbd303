import { decide, sentence } from '../scim/response.ts';
import { stateAfter } from './cleanup.ts';
import type { Newcomer } from './creation.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { person } from './person.ts';
import type { Roster } from './roster.ts';

const about = 'delete';

/** Deletes one person, looks, deletes again, and makes them anew. @returns whether an id that is nobody's is known now */
export async function deletePerson(
  ground: Ground,
  canary: Canary,
  newcomer: Newcomer,
  roster: Roster | undefined,
): Promise<boolean> {
  const wasMember = (await roster?.members())?.includes(canary.id) === true;
  const reply = await ground.write('DELETE', canary);
  if (decide(reply) === 'denied') {
    ground.book.note(undecided(about, `the credentials do not allow it: ${sentence(reply)}`));
    return false;
  }
  if (decide(reply) === 'unsupported') {
    ground.book.note(finding(about, `refused, ${sentence(reply)}`, { speaks: { deletion: 'never' } }));
    return false;
  }
  if (decide(reply) !== 'accept') {
    ground.book.note(undecided(about, `refused, ${sentence(reply)}`));
    return false;
  }
  const left = await ground.readUntil(canary, (body) => body === undefined || stateOfBody(body, canary) !== 'there');
  const state = stateAfter(canary, left);
  ground.ledger.settle(canary, state);
  const said = { gone: `${sentence(left)}`, closed: 'shows the account closed', there: 'shows the account as it was' }[
    state
  ];
  ground.book.note(finding(about, `answered ${reply.status}; a read afterwards: ${said}`));
  const again = await ground.write('DELETE', canary);
  ground.book.note(finding(about, `a second time: ${sentence(again)}`));
  if (wasMember && roster !== undefined) ground.book.note(...(await membershipAfter(canary, roster, state)));
  ground.book.note(...(await recreate(ground, canary, newcomer, state)));
  return state === 'gone';
}

const stateOfBody = (body: unknown, canary: Canary): string =>
  stateAfter(canary, { kind: 'reply', status: 200, headers: {}, body, text: '' });

async function membershipAfter(canary: Canary, roster: Roster, state: string): Promise<readonly Finding[]> {
  const isMember = (await roster.shows([], [canary.id])) === false;
  if (isMember) return [finding(about, 'the memberships of somebody who is deleted stay and must be ended one by one')];
  return [
    finding(about, `the memberships of somebody who is ${state === 'gone' ? 'deleted' : 'closed'} end by themselves`, {
      speaks: { deletionEndsMemberships: true },
    }),
  ];
}

/** Makes the same person anew: whether a name is free again tells a deletion from a closing that is not shown. */
async function recreate(
  ground: Ground,
  canary: Canary,
  newcomer: Newcomer,
  state: 'there' | 'gone' | 'closed',
): Promise<readonly Finding[]> {
  const { reply, canary: anew } = await ground.create('User', () => person(canary.name, newcomer.least(canary.name)), {
    name: canary.name,
    taken: [429],
  });
  const isBack = anew?.id === canary.id;
  if (isBack) ground.ledger.settle(canary, 'there');
  const said =
    anew === undefined
      ? `the same userName again: refused, ${sentence(reply)}`
      : isBack
        ? `the same userName again: the same account is back (${reply.status})`
        : `the same userName again: a new account with another id (${reply.status})`;
  return [finding(about, said), judgeDeletion(state, anew === undefined ? 'refused' : isBack ? 'back' : 'new')];
}

export function judgeDeletion(state: 'there' | 'gone' | 'closed', again: 'refused' | 'back' | 'new'): Finding {
  if (state === 'closed' || again === 'back')
    return finding(about, 'DELETE only closes accounts', { speaks: { deletion: 'deactivates' } });
  if (state === 'there') return undecided(about, 'DELETE is answered well, and the account is there all the same');
  if (again === 'refused')
    return undecided(about, 'the account is gone, and its userName is not free: it may only be hidden');
  return finding(about, 'DELETE deletes accounts');
}
