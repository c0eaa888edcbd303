import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { expectExitCode } from '../world/fixture.ts';
import { createSandboxWorld, type SandboxWorld, type Settings } from '../world/sandbox-world.ts';

jest.setTimeout(60_000);

interface World extends SandboxWorld {
  /** Creates an account by hand. */
  account(values: Settings): Promise<string>;
  remove(id: string): Promise<void>;
  /** The userName of each account, by its externalId, or by its nickName where a person made it. */
  names(): Promise<Settings>;
}

const unique = { value: ['user.login', "user.login + '2'", "user.login + '3'"], unique: true };

const company = {
  header: 'id,login,mail,active',
  users: { active: "user.active != 'no'" },
  mapping: { userName: unique, 'emails[type eq "work"].value': 'user.mail', active: null },
};

async function createWorld(
  profile: Parameters<typeof createSandboxWorld>[1] = {},
  misbehaviours: readonly number[] = [],
): Promise<World> {
  const world = await createSandboxWorld(company, profile, misbehaviours);
  world.configure();
  return {
    ...world,
    async account(values) {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
      return ((await world.call('POST', '/Users', { schemas, active: true, ...values })) as { id: string }).id;
    },
    async remove(id) {
      await world.call('DELETE', `/Users/${id}`);
    },
    async names() {
      const { Resources = [] } = (await world.call('GET', '/Users?count=1000')) as { Resources?: Settings[] };
      return Object.fromEntries(
        Resources.map(({ externalId, nickName, userName, active }) => [
          String(externalId ?? nickName),
          `${String(userName)}${active === false ? ' inactive' : ''}`,
        ]),
      );
    },
  };
}

/** A sync, after which neither an incremental nor a full plan has changes. */
async function syncAll({ cli }: World): Promise<void> {
  expectExitCode(await cli.run('sync'), 0);
  for (const flags of [[], ['--full']]) expectExitCode(await cli.run('plan', '--exit-code', ...flags), 0);
}

describe('users with the same name', () => {
  test('get the next value, by key, in one pass and in later ones', async () => {
    await using world = await createWorld();
    world.people('10,ada,a10@x.example,', '9,Ada,a9@x.example,', '8,bob,b@x.example,');
    await syncAll(world);
    expect(await world.names()).toEqual({ 9: 'Ada', 10: 'ada2', 8: 'bob' });
    world.people('10,ada,a10@x.example,', '9,Ada,a9@x.example,', '8,bob,b@x.example,', '1,ADA,a1@x.example,');
    await syncAll(world);
    expect(await world.names()).toEqual({ 9: 'Ada', 10: 'ada2', 8: 'bob', 1: 'ADA3' });
  });

  test('a person whose values are all in use is not ready, until one is free', async () => {
    await using world = await createWorld();
    const rows = ['1,ada,a1@x,', '2,ada,a2@x,', '3,ada,a3@x,'];
    world.people(...rows, '4,ada,a4@x,');
    const result = await world.cli.run('sync');
    expectExitCode(result, 1);
    expect((await world.cli.run('explain', '4')).stdout).toContain('all of "ada", "ada2", "ada3"');
    expect((await world.cli.run('explain', '3')).stdout).toMatch(/"ada3".*\n *key 1 has "ada"\n *key 2 has "ada2"/);
    expect(await world.names()).toEqual({ 1: 'ada', 2: 'ada2', 3: 'ada3' });
    // A deactivated account keeps its value, a deleted one frees it.
    world.people(...rows.slice(1), '4,ada,a4@x,');
    expectExitCode(await world.cli.run('sync'), 1);
    expect(await world.names()).toEqual({ 1: 'ada inactive', 2: 'ada2', 3: 'ada3' });
    world.configure({}, { leavers: { action: 'delete' } });
    await world.cli.run('sync');
    await syncAll(world);
    expect(await world.names()).toEqual({ 2: 'ada2', 3: 'ada3', 4: 'ada' });
  });

  test('a value stays with its person: another name, a leave, a return', async () => {
    await using world = await createWorld();
    world.people('1,ada,a1@x,', '2,ada,a2@x,');
    await syncAll(world);
    world.people('1,grace,g@x,', '2,ada,a2@x,', '3,ada,a3@x,');
    await syncAll(world);
    expect(await world.names()).toEqual({ 1: 'ada', 2: 'ada2', 3: 'ada3' });
    world.people('1,grace,g@x,no', '2,ada,a2@x,', '3,ada,a3@x,', '4,grace,g4@x,');
    await syncAll(world);
    world.people('1,grace,g@x,', '2,ada,a2@x,', '3,ada,a3@x,', '4,grace,g4@x,');
    await syncAll(world);
    expect(await world.names()).toEqual({ 1: 'ada', 2: 'ada2', 3: 'ada3', 4: 'grace' });
  });
});

describe('accounts that exist at the target', () => {
  test.each([
    ['with the externalId of another person', { userName: 'ADA', externalId: 'x' }],
    ['with another e-mail address', { userName: 'ada', emails: [{ type: 'work', value: 'other@x' }], nickName: 'x' }],
    ['with nothing but the value', { userName: 'Ada', nickName: 'x' }],
  ])('an unrelated account %s keeps the value', async (_, unrelated) => {
    await using world = await createWorld();
    await world.account(unrelated);
    world.people('1,ada,a1@x,', '2,ada,a2@x,');
    await syncAll(world);
    expect(await world.names()).toEqual({ x: unrelated.userName, 1: 'ada3', 2: 'ada2' });
  });

  test.each([
    ['by a search', []],
    ['by no search, because filters are ignored', [1]],
  ])('an unrelated account that appears between two passes keeps the value: found %s', async (_, misbehaviours) => {
    await using world = await createWorld({}, misbehaviours);
    world.people('1,bob,b@x,');
    await syncAll(world);
    await world.account({ userName: 'ada', nickName: 'x' });
    world.people('1,bob,b@x,', '2,ada,a2@x,', '3,ada,a3@x,');
    await syncAll(world);
    expect(await world.names()).toEqual({ x: 'ada', 1: 'bob', 2: 'ada3', 3: 'ada2' });
  });

  test('a plan notes an account without an owner, and a repeated create counts once', async () => {
    await using world = await createWorld();
    const { cli } = world;
    const source = {
      ...{ type: 'csv', users: { file: 'people.csv', key: 'id', ...company.users } },
      groups: { file: 'groups.csv', key: 'id' },
      memberships: { file: 'members.csv', group: 'group', member: 'member' },
      sanity: { maxShrink: '100%', maxBlank: '100%', maxDangling: '100%' },
    };
    world.configure({}, {}, { source });
    writeFileSync(cli.path('groups.csv'), 'id,name\ng,Red\n');
    writeFileSync(cli.path('members.csv'), 'group,member\ng,1\n');
    await world.account({ userName: 'Ada', nickName: 'x' });
    world.people('1,bob,b@x,');
    expectExitCode(await cli.run('sync'), 0);
    world.people('1,bob,b@x,', '2,ada,a2@x,');
    writeFileSync(cli.path('members.csv'), 'group,member\ng,1\ng,2\n');
    const notes = (await cli.run('plan', '--json')).lines.filter(({ type }) => type === 'note');
    expect(notes).toMatchObject([{ key: '2', name: 'ada', problem: false }]);
    const pass = await cli.run('sync', '--json');
    expectExitCode(pass, 0);
    expect(pass.lines.find(({ type }) => type === 'summary')).toMatchObject({
      ...{ counts: { create: 1, addMembers: 1 }, succeeded: 2, failed: 0, skipped: 0 },
    });
    expectExitCode(await cli.run('plan', '--full', '--exit-code'), 0);
    expect(await world.names()).toEqual({ x: 'Ada', 1: 'bob', 2: 'ada2' });
  });

  test('a person keeps the account that has one of the values', async () => {
    await using world = await createWorld();
    const account = (userName: string, mail: string): Settings => ({
      userName,
      emails: [{ type: 'work', value: mail }],
    });
    await world.account(account('ada2', 'a1@x'));
    await world.account({ ...account('ada', 'a2@x') });
    world.people('1,ada,a1@x,', '2,ada,a2@x,', '3,ada,a3@x,');
    await syncAll(world);
    expect(await world.names()).toEqual({ 1: 'ada2', 2: 'ada', 3: 'ada3' });
  });

  test('the account of a person is found by the second value, where the first one is free', async () => {
    await using world = await createWorld();
    await world.account({ userName: 'ada2', emails: [{ type: 'work', value: 'A1@x' }] });
    world.people('1,ada,a1@x,', '2,ada,a2@x,');
    await syncAll(world);
    expect(await world.names()).toEqual({ 1: 'ada2', 2: 'ada' });
  });

  test('a lost state finds the accounts again, by externalId or by e-mail address', async () => {
    await using world = await createWorld();
    world.people('2,ada,a2@x,');
    await syncAll(world);
    world.people('1,ada,a1@x,', '2,ada,a2@x,');
    await syncAll(world);
    const names = { 1: 'ada2', 2: 'ada' };
    expect(await world.names()).toEqual(names);
    rmSync(world.cli.path('scimsync.db'));
    world.people('1,ada,a1@x,', '2,ada,a2@x,', '3,ada,a3@x,');
    await syncAll(world);
    expect(await world.names()).toEqual({ ...names, 3: 'ada3' });
  });
});
