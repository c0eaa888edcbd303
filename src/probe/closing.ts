import type { Profile } from '../model/profile.ts';
import { coreUserSchema } from '../model/path.ts';
import type { Body } from '../model/resource.ts';
import { isBlank, member, readBody } from '../model/shape.ts';
import type { Reply } from '../scim/message.ts';
import { filterOf } from '../scim/lookup.ts';
import { decide, sentence } from '../scim/response.ts';
import { change, isByPatch, replaced } from './change.ts';
import { isInactive } from './cleanup.ts';
import type { Newcomer } from './creation.ts';
import { finding, undecided } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { judgeSearch } from './lookup.ts';
import { isSameName, nameOf } from './names.ts';
import { isShown } from './patching.ts';
import { person } from './person.ts';

const about = 'deactivate';

/** What is said of a closed account. */
export type Closed = 'readable' | 'missing' | 'obscured' | 'open' | 'unknown';

/** @param read an account after `active: false` was accepted @param name the userName that it was shown under before */
export function judgeClosed(read: Reply, name: string | undefined): Closed {
  if (decide(read) === 'missing') return 'missing';
  if (decide(read) !== 'accept') return 'unknown';
  const shown = nameOf('User', read.body);
  if (shown !== undefined && name !== undefined && !isSameName(shown, name)) return 'obscured';
  if (isInactive(read.body)) return 'readable';
  return isBlank(member(read.body, 'active')) ? 'unknown' : 'open';
}

/** Closes an account, looks at it, changes it, and opens it again. */
export async function closeAndOpen(ground: Ground, canary: Canary, kept: Body, newcomer: Newcomer): Promise<void> {
  const { book } = ground;
  const closed = await closeByActive(ground, canary);
  if (closed === undefined) return;
  if (closed === 'readable' || closed === 'missing' || closed === 'obscured')
    book.note(finding(about, sayClosed[closed], { speaks: { inactiveUsers: closed } }));
  else book.note(undecided(about, 'active is not shown, so whether the account is closed cannot be seen'));
  await bornClosed(ground, newcomer);
  await lookUpClosed(ground, canary);
  await changeClosed(ground, canary, kept);
  await reopen(ground, canary, newcomer);
}

const sayClosed = {
  readable: 'a closed account is shown as it is',
  missing: 'a closed account answers 404',
  obscured: 'a closed account is shown under another name',
} as const;

/** Tries `active: false` as a truth, as text, and by PUT. @returns undefined where nothing closes the account */
async function closeByActive(ground: Ground, canary: Canary): Promise<Closed | undefined> {
  const { speaks } = ground.book.profile();
  const before = nameOf('User', (await ground.read(canary)).body);
  const tries = [
    {
      say: () => change(ground, canary, { active: false }),
      words: undefined,
      how: `active false, by ${isByPatch(speaks, 'User') ? 'PATCH' : 'PUT'}`,
    },
    {
      say: () => change(ground, canary, { active: 'False' }),
      words: { booleans: 'titleText' as const },
      how: 'active as the text "False"',
    },
    {
      say: () => change(ground, canary, { active: 'false' }),
      words: { booleans: 'text' as const },
      how: 'active as the text "false"',
    },
    {
      say: () => change(ground, canary, { active: false }, { put: true }),
      words: byPutOnly(speaks),
      how: 'active false, by PUT',
    },
  ];
  for (const { say, words, how } of tries) {
    const reply = await say();
    if (decide(reply) !== 'accept') {
      ground.book.note(finding(about, `${how}: refused, ${sentence(reply)}`));
      continue;
    }
    const closed = judgeClosed(await ground.readUntil(canary, (body) => isInactive(body) || isBlank(body)), before);
    if (closed === 'open') {
      ground.book.note(finding(about, `${how}: answered ${reply.status}, and the account stays open`));
      continue;
    }
    ground.book.note(
      finding(
        about,
        `${how}: the account is closed (${reply.status})`,
        words === undefined ? undefined : { speaks: words },
      ),
    );
    return closed;
  }
  ground.book.note(undecided(about, 'nothing that was tried closes an account'));
  return undefined;
}

/** Whoever leaves must be closed: what closes people is how they are changed, and groups stay as they are. */
function byPutOnly(speaks: Profile['speaks']): Partial<Profile['speaks']> | undefined {
  if (!isByPatch(speaks, 'User')) return undefined;
  return { update: 'getThenPut', updateGroups: speaks.updateGroups === 'same' ? 'patch' : speaks.updateGroups };
}

async function bornClosed(ground: Ground, { least }: Newcomer): Promise<void> {
  // Under a made-up name it could not be told from a stranger; hidden, it might never be removed.
  if (ground.book.profile().speaks.inactiveUsers !== 'readable') return;
  const { canary, reply } = await ground.create('User', (name) => ({ ...person(name, least(name)), active: false }));
  const closed = canary === undefined ? undefined : judgeClosed(await ground.read(canary), undefined);
  ground.book.note(
    finding(
      about,
      closed === undefined
        ? `nobody is made closed: ${sentence(reply)}`
        : closed === 'open'
          ? 'whoever is made closed is open all the same'
          : 'an account can be made closed',
    ),
  );
}

async function lookUpClosed(ground: Ground, canary: Canary): Promise<void> {
  const reply = await ground.ask({
    method: 'GET',
    path: ground.path('User'),
    query: { filter: filterOf('userName', canary.name) },
  });
  const search = judgeSearch(reply, canary.id);
  ground.book.note(
    finding(
      about,
      search.kind === 'found'
        ? 'a closed account is found by its userName'
        : `a closed account is not found by its userName (${search.kind})`,
    ),
  );
}

async function changeClosed(ground: Ground, canary: Canary, kept: Body): Promise<void> {
  const path = ['displayName', 'title', 'nickName', 'externalId'].find((each) => kept[each] !== undefined);
  if (path === undefined) return;
  const reply = await change(ground, canary, { [path]: 'Changed While Closed' });
  if (decide(reply) !== 'accept') {
    ground.book.note(
      finding(about, `a closed account cannot be changed: ${sentence(reply)}`, { speaks: { inactiveChanges: false } }),
    );
    return;
  }
  const read = await ground.readUntil(canary, (body) => isShown(body, { [path]: 'Changed While Closed' }));
  if (decide(read) !== 'accept')
    ground.book.note(undecided(about, 'a change of a closed account is accepted, and cannot be seen'));
  else if (isShown(read.body, { [path]: 'Changed While Closed' }))
    ground.book.note(
      finding(about, `a closed account can be changed${isInactive(read.body) ? '' : ', which opens it'}`),
    );
  else
    ground.book.note(
      finding(about, `a change of a closed account is answered ${reply.status}, and changes nothing`, {
        speaks: { inactiveChanges: false },
      }),
    );
}

const opening = 'reactivate';

async function reopen(ground: Ground, canary: Canary, newcomer: Newcomer): Promise<void> {
  const isOpen = async (): Promise<boolean> => {
    const { body } = await ground.readUntil(
      canary,
      (each) => readBody(each, ['id'])['id'] !== undefined && !isInactive(each),
    );
    return readBody(body, ['id'])['id'] !== undefined && !isInactive(body);
  };
  const note = (sentence: string, how?: 'put' | 'create' | 'never'): void =>
    ground.book.note(finding(opening, sentence, how === undefined ? undefined : { speaks: { reactivation: how } }));
  const usual = await change(ground, canary, { active: true });
  if (decide(usual) === 'accept' && (await isOpen())) return note('active true opens the account again');
  note(
    `active true: ${decide(usual) === 'accept' ? `answered ${usual.status}, and the account stays closed` : `refused, ${sentence(usual)}`}`,
  );
  const { body } = await ground.read(canary);
  const whole =
    isBlank(body) || isBlank(member(body, 'userName'))
      ? person(canary.name, newcomer.least(canary.name))
      : replaced(body, {});
  const put = await ground.write('PUT', canary, { schemas: [coreUserSchema], ...whole, active: true });
  if (decide(put) === 'accept' && (await isOpen())) return note('PUT with active true opens the account again', 'put');
  const posted = await ground.create(
    'User',
    () => ({ ...person(canary.name, newcomer.least(canary.name)), active: true }),
    { name: canary.name },
  );
  if (posted.canary?.id === canary.id && (await isOpen())) return note('a new POST opens the account again', 'create');
  note('nothing that was tried opens a closed account again', 'never');
}
