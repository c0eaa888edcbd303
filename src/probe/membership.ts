import type { Profile } from '../model/profile.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { finding, undecided, type Words } from './finding.ts';
import { patchOf } from './forms.ts';
import type { Ground } from './ground.ts';
import { isPatch } from './grouping.ts';
import type { Canary } from './ledger.ts';
import { additions, bornWithMembers, openRoster, opOf, removals, rosterBy, type Roster } from './roster.ts';

const about = 'members';

/** What is known of a group's members once they were tried. */
export interface Membership {
  readonly roster: Roster;
  /** Whether somebody can be made a member and be seen to be one, or at least is accepted. */
  readonly works: boolean;
}

/** Everything about the members of the canary group. @param people ids of canaries, at least one; more than one for what takes several */
export async function memberships(ground: Ground, canary: Canary, people: readonly string[]): Promise<Membership> {
  const [first = ''] = people;
  const roster = isPatch(ground) ? await addForms(ground, canary, first) : undefined;
  if (roster === undefined) return byPut(ground, canary, people);
  ground.book.note(sayRoster(roster));
  await removeForms(ground, roster, first);
  await severalAtOnce(ground, roster, people);
  await twice(ground, roster, first);
  await bornWithMembers(ground, people, roster.query);
  return { roster, works: true };
}

function sayRoster({ query }: Roster): ReturnType<typeof finding> {
  if (query === undefined)
    return finding(about, 'a group that is read never shows its members', { speaks: { readsMembers: false } });
  const parameters = Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return parameters === ''
    ? finding(about, 'a group that is read shows its members')
    : finding(about, `a group shows its members when it is asked with ${parameters}`, {
        speaks: { membersQuery: query },
      });
}

type AddForm = Profile['speaks']['addMembers'];

/** A form of "add" that is taken. */
interface Taken {
  readonly form: AddForm;
  readonly roster: Roster;
  /** Whether a read shows that somebody was added. */
  readonly isSeen: boolean;
}

/** Tries the forms of "add" one after the other. @returns undefined where none is taken */
async function addForms(ground: Ground, canary: Canary, id: string): Promise<Roster | undefined> {
  let best: Taken | undefined;
  for (const form of ['list', 'object', 'noPath'] as const) {
    if (best?.roster.query !== undefined) await leave(ground, best.roster, id);
    const taken = await addAs(ground, canary, form, id, best?.roster);
    if (best === undefined || (taken?.isSeen === true && !best.isSeen)) best = taken;
  }
  if (best?.isSeen !== true) best = (await withParts(ground, canary, id)) ?? best;
  if (best === undefined) return undefined;
  if (best.form !== ground.book.profile().speaks.addMembers)
    ground.book.note(finding(about, `members are added as ${best.form}`, { speaks: { addMembers: best.form } }));
  return best.roster;
}

async function addAs(
  ground: Ground,
  canary: Canary,
  form: AddForm,
  id: string,
  known: Roster | undefined,
): Promise<Taken | undefined> {
  const reply = await ground.write('PATCH', canary, patchOf([additions[form](opOf(ground, 'add'), [id])]));
  if (decide(reply) !== 'accept') {
    ground.book.note(finding(about, `adding as ${form}: refused, ${sentence(reply)}`));
    return undefined;
  }
  const roster = known?.query === undefined ? await openRoster(ground, canary, id) : known;
  const isSeen = (await roster.shows([id])) === true;
  const effect = isSeen
    ? `understood (${reply.status})`
    : `answered ${reply.status}, ${roster.query === undefined ? 'and not to be seen' : 'and nobody is added'}`;
  ground.book.note(finding(about, `adding as ${form}: ${effect}`));
  return { form, roster, isSeen };
}

/** Some add nobody, without a word, unless it is said what kind of member it is. */
async function withParts(ground: Ground, canary: Canary, id: string): Promise<Taken | undefined> {
  const parts = { type: 'User', display: 'Scimsync Canary' };
  const reply = await ground.write('PATCH', canary, patchOf([additions.list(opOf(ground, 'add'), [id], parts)]));
  if (decide(reply) !== 'accept') return undefined;
  const roster = await openRoster(ground, canary, id);
  if (roster.query === undefined) return undefined;
  ground.book.note(
    finding(about, 'somebody is added only with type and display', { speaks: { memberParts: ['display', 'type'] } }),
  );
  return { form: 'list', roster, isSeen: true };
}

/** Takes somebody out by whichever form does it, so that the next try starts from nobody. */
async function leave(ground: Ground, roster: Roster, id: string): Promise<void> {
  const op = opOf(ground, 'remove');
  for (const form of ['filter', 'list'] as const) {
    await roster.patch(removals[form](op, [id]));
    if ((await roster.members())?.includes(id) !== true) return;
  }
}

async function removeForms(ground: Ground, roster: Roster, id: string): Promise<void> {
  const works: ('filter' | 'list')[] = [];
  const unseen: ('filter' | 'list')[] = [];
  for (const form of ['filter', 'list'] as const) {
    await roster.join([id]);
    const reply = await roster.patch(removals[form](opOf(ground, 'remove'), [id]));
    const isGone = decide(reply) === 'accept' ? await roster.shows([], [id]) : false;
    if (isGone === true) works.push(form);
    if (isGone === undefined) unseen.push(form);
    ground.book.note(finding(about, `removing by ${form}: ${sayGone(reply, isGone)}`));
  }
  const best = [...works, ...unseen][0];
  if (best === undefined) ground.book.note(undecided(about, 'nothing that was tried ends a membership'));
  else if (best !== 'filter')
    ground.book.note(finding(about, 'members are removed by a list', { speaks: { removeMembers: best } }));
}

function sayGone(reply: Reply, isGone: boolean | undefined): string {
  if (decide(reply) !== 'accept') return `refused, ${sentence(reply)}`;
  return isGone === true
    ? `understood (${reply.status})`
    : isGone === false
      ? `answered ${reply.status}, and nobody is removed`
      : `answered ${reply.status}, and not to be seen`;
}

/** How many begin, end, and do both in one request. With a handful of canaries only small limits are seen. */
async function severalAtOnce(ground: Ground, roster: Roster, people: readonly string[]): Promise<void> {
  if (people.length < 2) {
    ground.book.note(undecided(about, 'several at once were not tried: only one person could be made'));
    return;
  }
  const sizes = [...new Set([people.length, 2])].filter((size) => size <= people.length);
  await empty(roster, people);
  const most = await largest(ground, sizes, people, async (ids) => {
    const reply = await roster.join(ids);
    return { reply, isSo: decide(reply) === 'accept' ? await roster.shows(ids) : false };
  });
  ground.book.note(...limit('added', most, people.length, { allows: { membersPerRequest: most } }));
  for (const id of people) await roster.join([id]);
  const mostGone = await largest(ground, sizes, people, async (ids) => {
    const reply = await roster.part(ids);
    return { reply, isSo: decide(reply) === 'accept' ? await roster.shows([], ids) : false };
  });
  ground.book.note(
    ...limit('removed', mostGone, people.length, mostGone === most ? {} : { allows: { removalsPerRequest: mostGone } }),
  );
  await bothAtOnce(ground, roster, people);
}

async function largest(
  ground: Ground,
  sizes: readonly number[],
  people: readonly string[],
  tryWith: (ids: readonly string[]) => Promise<{ readonly reply: Reply; readonly isSo: boolean | undefined }>,
): Promise<number> {
  for (const size of sizes) {
    const { reply, isSo } = await tryWith(people.slice(0, size));
    if (isSo !== false) return size;
    ground.book.note(
      finding(
        about,
        `${size} in one request: ${decide(reply) === 'accept' ? `answered ${reply.status}, and not done` : `refused, ${sentence(reply)}`}`,
      ),
    );
  }
  return 1;
}

function limit(what: string, most: number, tried: number, words: Words): readonly ReturnType<typeof finding>[] {
  return [
    most === tried
      ? finding(about, `${most} are ${what} by one request; more were not tried`)
      : finding(about, `at most ${most} ${most === 1 ? 'is' : 'are'} ${what} by one request`, words),
  ];
}

async function bothAtOnce(ground: Ground, roster: Roster, [one = '', two = '']: readonly string[]): Promise<void> {
  await roster.join([one]);
  await roster.part([two]);
  const { removeMembers } = ground.book.profile().speaks;
  const reply = await roster.patch([...removals[removeMembers](opOf(ground, 'remove'), [one]), roster.addition([two])]);
  const isSo = decide(reply) === 'accept' ? await roster.shows([two], [one]) : false;
  if (isSo === false)
    ground.book.note(
      finding(
        about,
        `adding and removing in one request: ${decide(reply) === 'accept' ? 'answered well, and not done' : `refused, ${sentence(reply)}`}`,
        { allows: { mixesMembers: false } },
      ),
    );
  else
    ground.book.note(finding(about, `adding and removing in one request is ${isSo === true ? 'understood' : 'taken'}`));
}

async function twice(ground: Ground, roster: Roster, id: string): Promise<void> {
  await roster.join([id]);
  const reply = await roster.join([id]);
  const members = await roster.members();
  const times = members?.filter((each) => each === id).length;
  const said =
    decide(reply) === 'accept'
      ? `answered ${reply.status}${times === undefined ? '' : times === 1 ? ', and is one once' : `, and is one ${times} times`}`
      : `refused, ${sentence(reply)}`;
  ground.book.note(finding(about, `somebody who is a member already: ${said}`));
}

async function empty(roster: Roster, people: readonly string[]): Promise<void> {
  const members = (await roster.members()) ?? people;
  for (const id of people) if (members.includes(id)) await roster.part([id]);
}

/** Where PATCH does nothing for members: the whole group. */
async function byPut(ground: Ground, canary: Canary, people: readonly string[]): Promise<Membership> {
  const reply = await rosterBy(ground, canary, undefined).put(people);
  if (decide(reply) !== 'accept') {
    ground.book.note(undecided(about, `nobody can be made a member, neither by PATCH nor by PUT: ${sentence(reply)}`));
    return { roster: rosterBy(ground, canary, undefined), works: false };
  }
  const roster = await openRoster(ground, canary, people[0] ?? '');
  const isSeen = await roster.shows(people);
  const words: Words = isPatch(ground)
    ? { speaks: { updateGroups: roster.query === undefined ? 'put' : 'getThenPut' } }
    : {};
  ground.book.note(
    finding(
      about,
      isSeen === true
        ? 'members are changed by PUT of the whole group'
        : 'a PUT of the whole group is taken, and its members are not to be seen',
      words,
    ),
  );
  ground.book.note(sayRoster(roster));
  await bornWithMembers(ground, people, roster.query);
  return { roster, works: true };
}
