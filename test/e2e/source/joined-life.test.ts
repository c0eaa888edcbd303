import { rmSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../../world/fixture.ts';

import { seededRandom } from '../../world/random.ts';
import { createJoinedWorld } from './joined-world.ts';

jest.setTimeout(180_000);

interface Person {
  readonly id: string;
  title: string;
  isEmployed: boolean;
}

interface Entry {
  readonly guid: string;
  number: string;
  mail: string;
  groups: readonly string[];
}

/** The only entry of the only person with this number. */
function entryOf(person: Person, people: readonly Person[], entries: readonly Entry[]): Entry | undefined {
  const same = (one: string): boolean => Number(one) === Number(person.id);
  const found = entries.filter(({ number }) => same(number));
  return found.length === 1 && people.filter(({ id }) => same(id)).length === 1 ? found[0] : undefined;
}

/** Changes of both sources at random. The joined source fails now and then, and no value repeats. */
test('a random life of two sources ends in what they state, and the incremental plan is the full plan', async () => {
  const random = seededRandom(Number(process.env['SEED'] ?? 4711));
  const below = (count: number): number => Math.floor(random() * count);
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure({ ad: { users: { file: 'ad.csv', key: 'guid' }, groups: { column: 'phones', separator: ';' } } });
  const people = new Map<string, Person>();
  const entries = new Map<string, Entry>();
  const write = (isReadable: boolean): void => {
    world.hr(
      ...[...people.values()].map(({ id, title, isEmployed }) =>
        [id, `u${id}`, title, isEmployed ? 'employed' : 'left'].join(),
      ),
    );
    if (isReadable)
      world.ad(
        ...[...entries.values()].map(
          ({ guid, number, mail, groups }) => `${guid},${number},${mail},${groups.join(';')}`,
        ),
      );
    else rmSync(cli.path('ad.csv'), { force: true });
  };
  const someGroups = (): readonly string[] => ['crm', 'git', 'wiki'].filter(() => below(2) === 0);
  /** The groups of each user at the application. */
  const memberships = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const all = (await world.groups()).map((line) => line.split(': '));
    const users = new Set(all.flatMap(([, members = '']) => members.split(' ')));
    const groupsOf = (user: string): readonly string[] =>
      all.flatMap(([group = '', members = '']) => (members.split(' ').includes(user) ? [group] : []));
    return new Map([...users].map((user) => [user, groupsOf(user)]));
  };
  const changeOnce = (step: number): void => {
    const id = String(1 + below(12));
    const guid = `g${1 + below(12)}`;
    switch (below(6)) {
      case 0:
        people.set(id, { id, title: `T${step}`, isEmployed: true });
        return;
      case 1:
        people.set(id, { id, title: `T${step}`, isEmployed: below(3) > 0 });
        return;
      case 2:
        if (people.size > 3) people.delete(id);
        return;
      case 3:
        if (entries.size > 3) entries.delete(guid);
        return;
      default: {
        const number = `0${1 + below(12)}`;
        if ([...entries.values()].some((one) => one.guid !== guid && Number(one.number) === Number(number))) return;
        entries.set(guid, { guid, number, mail: `${guid}-${step}@example.com`, groups: someGroups() });
      }
    }
  };
  for (const id of ['1', '2', '3', '4']) people.set(id, { id, title: 'T', isEmployed: true });
  for (const id of ['1', '2', '3', '4'])
    entries.set(`g${id}`, { guid: `g${id}`, number: id, mail: `g${id}@example.com`, groups: someGroups() });
  for (let step = 0; step < 30; step += 1) {
    for (let change = below(4); change >= 0; change -= 1) changeOnce(step);
    const isReadable = step % 10 === 9 || below(4) > 0;
    const before = new Map(
      (await world.accounts())
        .filter(({ active }) => active)
        .map(({ userName, emails }) => [userName, emails?.[0]?.value]),
    );
    const groupsBefore = await memberships();
    write(isReadable);
    expectExitCode(await cli.run('sync'), isReadable ? 0 : 1);
    const accounts = new Map((await world.accounts()).map((account) => [account.userName, account]));
    for (const { userName, active } of accounts.values()) {
      const isEmployed = people.get(userName.slice(1))?.isEmployed ?? false;
      // A person who comes back waits for the next accepted reading.
      const mayWait = !isReadable && !before.has(userName);
      expect([step, userName, active]).toEqual([step, userName, mayWait ? isEmployed && active : isEmployed]);
    }
    const groupsNow = await memberships();
    for (const person of people.values()) {
      const account = accounts.get(`u${person.id}`);
      if (!person.isEmployed) continue;
      const mail = account?.emails?.[0]?.value;
      const known = before.get(`u${person.id}`);
      const entry = entryOf(person, [...people.values()], [...entries.values()]);
      // A failing source removes no user from a group.
      const expected = isReadable ? (entry?.groups ?? []) : groupsBefore.get(`u${person.id}`);
      if (isReadable || before.has(`u${person.id}`))
        expect([step, person.id, groupsNow.get(`u${person.id}`) ?? []]).toEqual([step, person.id, expected ?? []]);
      if (isReadable) expect([step, person.id, mail]).toEqual([step, person.id, entry?.mail]);
      // Nothing that depends on the source that failed changes.
      else if (before.has(`u${person.id}`)) expect([step, person.id, mail]).toEqual([step, person.id, known]);
    }
    const full = await cli.run('plan', '--full', '--exit-code');
    expect([step, full.code]).toEqual([step, isReadable ? 0 : 1]);
    if (!isReadable) expect(full.stdout).toContain('app: nothing to do');
  }
});
