import type { Discovery } from '../scim/discovery.ts';
import { arrive } from './arrival.ts';
import { bulk } from './bulk.ts';
import { closeAndOpen } from './closing.ts';
import { another, firstPerson, type Newcomer } from './creation.ts';
import { deletePerson } from './deleting.ts';
import { discovering } from './discovering.ts';
import { duplicatePerson } from './duplicate.ts';
import { ownExtension } from './extension.ts';
import { undecided } from './finding.ts';
import { fullPerson, type Rich } from './fullness.ts';
import { firstGroup, groupOutside } from './grouping.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { howLate } from './lateness.ts';
import { listing } from './listing.ts';
import { lookedUp, lookups, userAttributes } from './lookup.ts';
import { memberships, type Membership } from './membership.ts';
import { judgePatch, patchForms } from './patching.ts';
import { judgeUpdate, putPerson } from './putting.ts';
import { renamePerson } from './renaming.ts';
import { unknownMembers } from './strangers.ts';
import { Lost } from './trouble.ts';
import { versions } from './versions.ts';

export interface Course {
  readonly members: number;
  readonly progress: (sentence: string) => void;
}

/** All experiments, each on what the ones before have found out. One that gets no answer is made once more, then left out, and the others go on. */
export async function investigate(ground: Ground, { members, progress }: Course): Promise<void> {
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T | undefined> => {
    progress(name);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        await arrive(ground);
        if (attempt === 1) continue;
        ground.book.note(undecided(name, `no answer, twice: ${error.message}`));
        return undefined;
      }
    }
  };

  const discovery = await step('what it says of itself', () => discovering(ground));
  const newcomer = (await step('making a person', () => firstPerson(ground))) ?? (await firstPerson(ground));
  await step('how soon what is written shows', () => howLate(ground, newcomer.canary));
  await step('making the same person again', () => duplicatePerson(ground, newcomer));
  const rich = await step('what it keeps of a person', () => fullPerson(ground, newcomer));
  await step('enterprise attributes', () => ownExtension(ground, newcomer));
  if (rich !== undefined)
    await step('looking people up', () =>
      lookups(ground, 'User', rich.canary, lookedUp(rich.kept, rich.sent), userAttributes, rich.kept),
    );
  if (ground.book.profile().speaks.listing !== 'none') await step('listing people', () => listing(ground));
  if (rich !== undefined) await step('changing a person', () => changes(ground, rich, discovery));
  if (rich !== undefined) await step('versions', () => versions(ground, rich.canary, rich.kept, discovery));
  if (rich !== undefined)
    await step('closing and opening an account', () => closeAndOpen(ground, newcomer.canary, rich.kept, newcomer));
  if (rich !== undefined) await step('renaming a person', () => renamePerson(ground, rich.canary, rich.kept));
  const membership = await step('groups', () => groups(ground, newcomer, rich, members));
  await step('bulk', () => bulk(ground, newcomer, discovery, membership?.roster));
  const leaver = membership?.leaver ?? (await step('one more person', () => another(ground, newcomer)));
  if (leaver !== undefined) await step('deleting a person', () => leave(ground, newcomer, leaver, membership));
  ground.book.note(
    undecided(
      'not tried',
      `whether a deletion is final, how large a body or a group may be, and more than ${members} members in one request`,
    ),
  );
}

async function changes(ground: Ground, { canary, kept }: Rich, discovery: Discovery | undefined): Promise<void> {
  const effects = await patchForms(ground, canary, kept);
  const { reach, findings } = judgePatch(effects, discovery?.patch);
  ground.book.note(...findings);
  const put = await putPerson(ground, canary, kept);
  ground.book.note(...judgeUpdate(put, reach, discovery?.patch));
}

interface GroupLife extends Membership {
  /** A member of it who is to be deleted next. */
  readonly leaver?: Canary;
  /** Somebody who stays. */
  readonly stays: Canary;
}

async function groups(
  ground: Ground,
  newcomer: Newcomer,
  rich: Rich | undefined,
  members: number,
): Promise<GroupLife | undefined> {
  const group = await firstGroup(ground);
  if (group === undefined) return undefined;
  await groupOutside(ground, group);
  const people = rich === undefined ? [newcomer.canary] : [newcomer.canary, rich.canary];
  while (people.length < members) {
    const one = await another(ground, newcomer);
    if (one === undefined) break;
    people.push(one);
  }
  const membership = await memberships(
    ground,
    group,
    people.map(({ id }) => id),
  );
  const leaver = people.length > 2 ? people.at(-1) : undefined;
  return { ...membership, stays: newcomer.canary, ...(leaver === undefined ? {} : { leaver }) };
}

/** Deletes somebody, as a member of the group where that can be; their id is then certainly nobody's. */
async function leave(
  ground: Ground,
  newcomer: Newcomer,
  leaver: Canary,
  membership: GroupLife | undefined,
): Promise<void> {
  if (membership?.works === true) await membership.roster.join([leaver.id]);
  const isNobody = await deletePerson(ground, leaver, newcomer, membership?.roster);
  if (isNobody && membership?.works === true)
    await unknownMembers(ground, membership.roster, leaver.id, membership.stays.id);
}
