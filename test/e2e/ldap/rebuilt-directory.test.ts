import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { group, person } from '../../world/directory/ldif/people-ldif.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { groups, people, startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { expectExitCode } from '../../world/fixture.ts';
import type { CliResult } from '../../world/cli-workspace.ts';

jest.setTimeout(120_000);

const uids = Array.from({ length: 12 }, (_, index) => `p${index + 1}`);
const teams: Readonly<Record<string, readonly string[]>> = {
  board: uids.slice(0, 3),
  crew: uids.slice(2, 9),
  shop: uids.slice(9),
};

const keyChanges = ({ lines }: CliResult): readonly unknown[] =>
  lines.filter(({ type }) => type === 'keyChange').map(({ resource, name }) => [resource, name]);

const mapping = {
  user: {
    userName: 'user.uid',
    'emails[type eq "work"].value': 'user.mail',
    'name.givenName': 'user.givenName',
    'name.familyName': 'user.sn',
  },
  group: { displayName: 'group.cn' },
};

describeOn('slapd', 'a directory whose entries all have new ids', () => {
  let slapd: Slapd;
  let at: DirectoryFixture;

  beforeEach(async () => {
    slapd = await startSlapd();
    await addAll();
    at = await directoryFixture(slapd, { users: { base: people }, groups: { base: groups } }, { mapping });
    expectExitCode(await at.pass(), 0);
  });
  afterEach(async () => {
    await at[Symbol.asyncDispose]();
    await slapd[Symbol.asyncDispose]();
  });

  const addAll = (): Promise<void> =>
    slapd.change(
      [...uids.map((uid) => person(uid)), ...Object.entries(teams).map(([cn, members]) => group(cn, members))].join(
        '\n',
      ),
    );

  async function rebuild(): Promise<void> {
    for (const cn of Object.keys(teams)) await slapd.remove(`cn=${cn},${groups}`);
    for (const uid of uids) await slapd.remove(`uid=${uid},${people}`);
    await addAll();
  }

  const idsAtTarget = () => [...at.app.users.keys(), ...at.app.groups.keys()].sort();

  test.each([['changes'], ['all entries']])('waits for relink, read by %s', async (way) => {
    const [ids, active] = [idsAtTarget(), at.active()];
    const args = way === 'changes' ? [] : ['--full'];
    await rebuild();
    for (let pass = 0; pass < 2; pass += 1) {
      const held = await at.pass(...args);
      expectExitCode(held, 3);
      expect(keyChanges(held)).toEqual(
        expect.arrayContaining([...uids.map((uid) => ['User', uid]), ...Object.keys(teams).map((cn) => ['Group', cn])]),
      );
      expect(held.lines.filter(({ type }) => type === 'operation')).toEqual([]);
      expect([idsAtTarget(), at.active(), at.members()]).toEqual([ids, active, teams]);
    }
    expect((await at.cli.run('plan')).stdout).toContain('12 people and 3 groups changed their key');
    expectExitCode(await at.cli.run('relink'), 0);
    const moved = await at.pass(...args);
    expectExitCode(moved, 0);
    expect(new Set(moved.lines.filter(({ type }) => type === 'operation').map(({ action }) => action))).toEqual(
      new Set(['update']),
    );
    expect([idsAtTarget(), at.active(), at.members()]).toEqual([ids, active, teams]);
    const silent = await at.pass(...args);
    expectExitCode(silent, 0);
    expect(silent.lines.filter(({ type }) => type === 'operation' || type === 'keyChange')).toEqual([]);
    expect([idsAtTarget(), at.active(), at.members()]).toEqual([ids, active, teams]);
  });

  test('keeps its groups by relink, also where a leaver and a joiner come with it', async () => {
    await rebuild();
    await slapd.remove(`uid=p1,${people}`);
    // refint removes the member.
    await slapd.change(person('joiner'));
    await slapd.change(`dn: cn=crew,${groups}\nchangetype: modify\nadd: member\nmember: uid=joiner,${people}\n`);
    const groupIds = [...at.app.groups.keys()].sort();
    expectExitCode(await at.pass(), 3);
    expectExitCode(await at.cli.run('relink'), 0);
    expectExitCode(await at.pass(), 0);
    expect([...at.app.groups.keys()].sort()).toEqual(groupIds);
    expect(at.active()['p1']).toBe(false);
    expect(at.members()).toEqual({
      board: ['p2', 'p3'],
      crew: [...(teams['crew'] ?? []), 'joiner'].sort(),
      shop: [...(teams['shop'] ?? [])].sort(),
    });
  });
});
