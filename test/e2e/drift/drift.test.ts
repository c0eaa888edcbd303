import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, createCompany, type Company } from '../../world/company.ts';
import type { CliResult, JsonLine } from '../../world/cli-workspace.ts';
import {
  createFixture,
  drainLog,
  enterpriseUser,
  expectExitCode,
  operationLines,
  writes,
  type Fixture,
  type FixtureOptions,
} from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

interface Synced {
  readonly fixture: Fixture;
  readonly company: Company;
  /** The key of a user who left, and whose account was closed. */
  readonly leaver: string;
}

/** A target in step with its source, after one person left. */
async function synced(options: FixtureOptions = {}): Promise<Synced> {
  const fixture = await createFixture({ ...options, target: { guard: unlimitedGuard, ...options.target } });
  const company = createCompany(7, 12);
  expectExitCode(await fixture.pass(company), 0);
  const leaver = [...company.people.keys()].at(-1) ?? '';
  const person = company.people.get(leaver);
  if (person !== undefined) person.active = false;
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  return { fixture, company, leaver };
}

const accountOf = ({ server }: Fixture, key: string) => {
  const found = [...server.users.values()].find(({ data }) => data['externalId'] === key);
  if (found === undefined) throw new Error(`no account of ${key}`);
  return found;
};

const drifts = ({ lines }: CliResult): readonly JsonLine[] => lines.filter(({ type }) => type === 'drift');

describe('drift', () => {
  test('finds nothing at a target that holds what it acknowledged', async () => {
    const { fixture } = await synced();
    await using _fixture = fixture;
    const run = await fixture.cli.run('drift', '--json', '--exit-code');
    expectExitCode(run, 0);
    expect(run.lines).toMatchObject([{ type: 'summary', target: 'app', unproven: 0, complete: true }]);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('finds a reactivated leaver, changes nothing, and closes the account with --repair', async () => {
    const { fixture, leaver } = await synced();
    await using _fixture = fixture;
    accountOf(fixture, leaver).data['active'] = true;
    const dry = await fixture.cli.run('drift', '--json', '--exit-code');
    expectExitCode(dry, 2);
    expect(drifts(dry)).toMatchObject([
      { target: 'app', kind: 'reactivated', resource: 'User', key: leaver, path: 'active', policy: 'repair' },
    ]);
    expect(writes(drainLog(fixture.server))).toEqual([]);

    const repair = await fixture.cli.run('drift', '--repair', '--json');
    expectExitCode(repair, 0);
    expect(operationLines(repair)).toMatchObject([{ action: 'deactivate', key: leaver, outcome: 'done' }]);
    expect(accountOf(fixture, leaver).data['active']).toBe(false);
    const again = await fixture.cli.run('drift', '--json', '--exit-code');
    expectExitCode(again, 0);
    expect(drifts(again)).toEqual([]);
  });

  test('reports what the policy does not repair, and repairs what it does', async () => {
    const { fixture, company } = await synced({
      target: { drift: { policy: { 'name.givenName': 'repair', 'name.familyName': 'ignore' } } },
    });
    await using _fixture = fixture;
    const [first = '', second = '', third = ''] = company.people.keys();
    const name = (key: string): Record<string, unknown> =>
      accountOf(fixture, key).data['name'] as Record<string, unknown>;
    const extensionOf = (key: string): Record<string, unknown> =>
      accountOf(fixture, key).data[enterpriseUser] as Record<string, unknown>;
    const before = name(first)['givenName'];
    name(first)['givenName'] = 'Changed';
    name(second)['familyName'] = 'Ignored';
    extensionOf(third)['department'] = 'Reported';
    const repair = await fixture.cli.run('drift', '--repair', '--json', '--exit-code');
    expectExitCode(repair, 2);
    expect(drifts(repair)).toMatchObject([
      { kind: 'changed', key: first, path: 'name.givenName', from: before, to: 'Changed', policy: 'repair' },
      { kind: 'changed', key: third, path: `${enterpriseUser}:department`, to: 'Reported', policy: 'report' },
    ]);
    expect(operationLines(repair)).toMatchObject([
      { action: 'update', key: first, changes: [{ path: 'name.givenName', from: 'Changed', to: before }] },
    ]);
    expect(name(first)['givenName']).toBe(before);
    expect(drifts(await fixture.cli.run('drift', '--json'))).toMatchObject([{ key: third }]);
  });

  test('distinguishes memberships that it had ended from those of others', async () => {
    const { fixture, company } = await synced();
    await using _fixture = fixture;
    const team = addTeam(company, 't-99', 'Night shift', [...company.people.keys()].slice(0, 4));
    expectExitCode(await fixture.pass(company), 0);
    const members = (): { value: string }[] => {
      const group = [...fixture.server.groups.values()].find(({ data }) => data['displayName'] === team.displayName);
      return group?.data['members'] as { value: string }[];
    };
    const [removed = ''] = team.members;
    team.members.delete(removed);
    expectExitCode(await fixture.pass(company), 0);
    const other = [...company.people.keys()].find((one) => one !== removed && !team.members.has(one)) ?? '';
    const lost = members()[0]?.value;
    members().shift();
    for (const one of [removed, other]) members().push({ value: accountOf(fixture, one).id });
    const foreign = fixture.server.seed('User', { userName: 'by-hand@corp.example', active: true });
    members().push({ value: foreign });
    const run = await fixture.cli.run('drift', '--json', '--repair');
    expectExitCode(run, 0);
    const found = drifts(run).map(({ kind, member, policy }) => [kind, (member as { id: string }).id, policy]);
    expect(new Set(found.map((one) => one.join(' ')))).toEqual(
      new Set([
        `memberAdded ${accountOf(fixture, removed).id} repair`,
        `memberAdded ${accountOf(fixture, other).id} report`,
        `memberAdded ${foreign} report`,
        `memberRemoved ${lost} report`,
      ]),
    );
    const after = members().map(({ value }) => value);
    expect(after).not.toContain(accountOf(fixture, removed).id);
    expect(after).toEqual(expect.arrayContaining([accountOf(fixture, other).id, foreign]));
    expect(after).not.toContain(lost);
  });

  test('shows deleted accounts, second accounts and orphans', async () => {
    const { fixture, company } = await synced({ target: { drift: { policy: { deleted: 'repair' } } } });
    await using _fixture = fixture;
    const [first = '', second = ''] = company.people.keys();
    fixture.server.remove('User', accountOf(fixture, first).id);
    const duplicate = fixture.server.seed('User', {
      userName: 'second@corp.example',
      externalId: second,
      active: true,
    });
    fixture.server.seed('User', { userName: 'gone@corp.example', externalId: 'gone', active: true });
    const run = await fixture.cli.run('drift', '--json', '--repair');
    expectExitCode(run, 0);
    expect(drifts(run)).toMatchObject([
      { kind: 'twin', key: second, id: duplicate, policy: 'report' },
      { kind: 'deleted', key: first, policy: 'repair' },
      { kind: 'orphan', key: 'gone', name: 'gone@corp.example' },
    ]);
    expect(operationLines(run)).toContainEqual(expect.objectContaining({ action: 'create', key: first }));
    expect(accountOf(fixture, first).data['active']).toBe(true);
    fixture.server.remove('User', duplicate);
    const again = await fixture.cli.run('drift', '--json');
    expect(drifts(again)).toMatchObject([{ kind: 'orphan' }]);
  });

  test('leaves frozen and protected users alone, and the guard holds a mass repair', async () => {
    const { fixture, company, leaver } = await synced({
      target: { guard: { maxRemovals: 1, floor: 0 }, protect: "scim.name.familyName == 'Protected'" },
    });
    await using _fixture = fixture;
    const people = [...company.people.keys()].slice(0, 2);
    for (const key of people) {
      const person = company.people.get(key);
      if (person !== undefined) person.active = false;
    }
    expectExitCode(await fixture.pass(company, '--allow-removals', '2'), 0);
    const keys = [leaver, ...people];
    for (const key of keys) accountOf(fixture, key).data['active'] = true;
    expectExitCode(await fixture.cli.run('freeze', leaver, '--reason', 'lawsuit'), 0);
    accountOf(fixture, people[0] ?? '').data['name'] = { familyName: 'Protected' };
    const run = await fixture.cli.run('drift', '--json', '--repair');
    expect(Object.fromEntries(drifts(run).map(({ key, held }) => [key, held]))).toEqual({
      [leaver]: 'frozen',
      [people[0] ?? '']: 'protected',
      [people[1] ?? '']: undefined,
    });
    expect(operationLines(run)).toMatchObject([{ action: 'deactivate', key: people[1], outcome: 'held' }]);
    expectExitCode(run, 3);
    const allowed = await fixture.cli.run('drift', '--repair', '--allow-removals', '1', '--reason', 'checked');
    expectExitCode(allowed, 0);
    expect(keys.map((key) => accountOf(fixture, key).data['active'])).toEqual([true, true, false]);
  });

  test('compares one user with one request', async () => {
    const { fixture, leaver } = await synced();
    await using _fixture = fixture;
    accountOf(fixture, leaver).data['active'] = true;
    const run = await fixture.cli.run('drift', '--user', leaver);
    expectExitCode(run, 0);
    expect(run.stdout).toContain('is active again, although its access was removed [repair]');
    expect(drainLog(fixture.server).filter(({ path }) => path.startsWith('/Users'))).toHaveLength(1);
  });
});
