import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { byId, company, hire, leave, withoutReports, type Company } from '../world/company.ts';
import {
  count,
  credulous,
  expectCode,
  operations,
  summaries,
  taken,
  world,
  writes,
  type World,
} from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import type { LogEntry } from '../world/strict-server.ts';

jest.setTimeout(60_000);

const removes = ({ method, body }: LogEntry): boolean =>
  method === 'DELETE' ||
  /"active":false|"path":"active","value":false|"op":"remove"/.test(JSON.stringify(body ?? null));

/** 100 people in step with the application; then `howMany` leave, from the 31st on, who manage nobody. */
async function afterLeaving(at: World, howMany: number): Promise<Company> {
  const made = company(71, 100, 3);
  for (const person of made.people.values()) if (Number(person.id.slice(1)) > 20) person.manager = 'e00001';
  expectCode(await at.pass(made), 0);
  taken(at.server);
  for (const id of [...made.people.keys()].slice(30, 30 + howMany)) leave(made, id);
  return made;
}

describe('the guard', () => {
  test('holds 28 leavers of 100 with code 3, while joiners and movers go on', async () => {
    await using at = await world();
    const made = await afterLeaving(at, 28);
    const joiner = hire(made, { manager: undefined });
    byId(made, 'e00001').title = 'Mover';
    const run = await at.pass(made);
    expectCode(run, 3);
    const log = taken(at.server);
    expect(log.filter(removes)).toEqual([]);
    expect(at.state().users[joiner.id]).toMatchObject({ active: true });
    expect(at.state().users['e00001']).toMatchObject({ title: 'Mover' });
    expect(summaries(run)[0]?.['held']).toMatchObject({});
    expect(operations(run).filter(({ outcome, action }) => outcome === 'held' && action === 'deactivate')).toHaveLength(
      28,
    );
    const said = await at.desk.run('sync');
    expectCode(said, 3);
    expect(said.stdout + said.stderr).toMatch(/28/);
    expect(said.stdout + said.stderr).toMatch(/--allow-removals/);
    expect(taken(at.server).filter(removes)).toEqual([]);
  });

  test('lets removals through by number: not with too small a one, and only for that pass', async () => {
    await using at = await world();
    const made = await afterLeaving(at, 20);
    expectCode(await at.pass(made, '--allow-removals', '5'), 3);
    expect(taken(at.server).filter(removes)).toEqual([]);
    expectCode(await at.pass(made, '--allow-removals', '1000'), 0);
    expect(at.state()).toEqual(expectedState(made));
    for (const { id } of withoutReports(made, 20)) leave(made, id);
    expectCode(await at.pass(made), 3);
  });

  test('lets a plan through by its id', async () => {
    await using at = await world();
    const made = await afterLeaving(at, 20);
    at.desk.export(made);
    const id = await plannedId(at);
    expectCode(await at.desk.run('sync', '--plan', id), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test("refuses a plan's id when the world has moved", async () => {
    await using at = await world();
    const made = await afterLeaving(at, 20);
    at.desk.export(made);
    const id = await plannedId(at);
    leave(made, withoutReports(made, 1)[0]?.id ?? '');
    at.desk.export(made);
    const run = await at.desk.run('sync', '--plan', id);
    expect([1, 3, 4]).toContain(run.code);
    expect(writes(taken(at.server))).toEqual([]);
    const never = await at.desk.run('sync', '--plan', 'no-such-plan');
    expect([1, 4]).toContain(never.code);
    expect(writes(taken(at.server))).toEqual([]);
  });

  test('counts deletions, group deletions and memberships too', async () => {
    await using at = await world({ source: credulous, target: { leavers: { action: 'delete' } } });
    const made = company(72, 40, 20);
    expectCode(await at.pass(made), 0);
    for (const team of made.teams.values()) team.members.clear();
    expectCode(await at.pass(made), 3);
    expect(taken(at.server).filter(removes)).toEqual([]);
    const teams = [...made.teams.keys()];
    for (const id of teams.slice(0, 15)) made.teams.delete(id);
    expectCode(await at.pass(made), 3);
    expect(taken(at.server).filter(removes)).toEqual([]);
    expect(at.server.groups.size).toBe(20);
  });

  test('a share does not bite up to the floor, a count does', async () => {
    await using at = await world();
    const made = await afterLeaving(at, 10);
    expectCode(await at.pass(made), 0);
    await using strict = await world({ target: { guard: { maxRemovals: 3 } } });
    const other = await afterLeaving(strict, 4);
    expectCode(await strict.pass(other), 3);
    expect(taken(strict.server).filter(removes)).toEqual([]);
  });

  test('holds renames of many accounts at once', async () => {
    await using at = await world();
    const made = company(73, 60);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    for (const person of made.people.values()) person.userName = person.userName.replace('corp', 'newcorp');
    expectCode(await at.pass(made), 3);
    expect(writes(taken(at.server))).toEqual([]);
  });
});

describe('a reading that nobody can believe', () => {
  test("an empty one takes nobody's access, however generous the limits", async () => {
    await using at = await world({ target: { guard: { maxRemovals: '100%' } } });
    const made = await afterLeaving(at, 0);
    const empty = company(1, 0);
    expect([1, 3]).toContain((await at.pass(empty)).code);
    expectCode(await at.pass(empty, '--accept-source'), 3);
    expect(taken(at.server).filter(removes)).toEqual([]);
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('half the people is refused, and can be accepted for one pass', async () => {
    await using at = await world({ target: { guard: { maxRemovals: '100%' } } });
    const made = await afterLeaving(at, 50);
    const run = await at.pass(made);
    expectCode(run, 1);
    expect(run.stderr).toMatch(/--accept-source/);
    expect(taken(at.server)).toEqual([]);
    expectCode(await at.pass(made, '--accept-source'), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('a column that is suddenly blank is refused, by its name', async () => {
    await using at = await world();
    const made = await afterLeaving(at, 0);
    for (const person of [...made.people.values()].slice(0, 60)) person.title = '';
    const run = await at.pass(made);
    expectCode(run, 1);
    expect(run.stderr).toContain('title');
    expect(taken(at.server)).toEqual([]);
  });
});

test('protect keeps an account as it is, and the plan says so', async () => {
  await using at = await world({
    target: { protect: "scim.userName.startsWith('breakglass')", leavers: { action: 'delete' } },
  });
  const made = company(74, 12);
  const glass = hire(made, { userName: 'breakglass.1@corp.example', title: 'Key' });
  const mover = hire(made, { userName: 'breakglass.2@corp.example', title: 'Key' });
  expectCode(await at.pass(made), 0);
  taken(at.server);
  leave(made, glass.id);
  mover.title = 'Changed';
  at.desk.export(made);
  const plan = await at.desk.run('plan');
  expect(plan.stdout + plan.stderr).toMatch(/protect/i);
  await at.desk.run('sync');
  expect(writes(taken(at.server))).toEqual([]);
  expect([at.state().users[glass.id], at.state().users[mover.id]]).toMatchObject([
    { active: true, title: 'Key' },
    { active: true, title: 'Key' },
  ]);
});

describe('a broken export removes nobody', () => {
  let at: World;
  let made: Company;
  let good: string;

  // Five people have left, which the guard would let through: what keeps them is that the reading is not believed.
  beforeAll(async () => {
    at = await world();
    made = await afterLeaving(at, 5);
    at.desk.export(made);
    good = readFileSync(at.desk.path('users.csv'), 'utf8');
  });
  afterAll(() => at[Symbol.asyncDispose]());

  const rowsOf = (text: string): string[] => text.split('\n').filter((row) => row !== '');

  test.each<[string, (good: string) => string | Buffer, readonly number[]]>([
    ['a quote that never closes', (good) => good.replace(/\ne00012,/, '\ne00012,"'), [0, 1, 3]],
    ['a ragged row', (good) => good.replace(/\ne00012,/, '\ne00012,extra,'), [0, 1, 3]],
    ['a key that stands twice', (good) => `${good}${rowsOf(good)[3] ?? ''}\n`, [0, 1, 3]],
    ['an empty key', (good) => good.replace(/\ne00012,/, '\n,'), [0, 1, 3]],
    ['a missing column that is mapped', (good) => good.replace('email', 'e-mail'), [1, 4]],
    ['a missing key column', (good) => good.replace(/^id,/, 'ident,'), [1, 4]],
    ['no byte at all', () => '', [1]],
    ['a web page', () => '<!doctype html>\n<html><body>Sign in</body></html>\n', [1, 4]],
    ['another delimiter', (good) => good.replaceAll(',', ';'), [1, 4]],
    [
      'bytes that are no UTF-8',
      (good) =>
        Buffer.concat([
          Buffer.from(rowsOf(good).slice(0, 30).join('\n')),
          Buffer.from([10, 0x65, 0xff, 0xfe, 0x2c, 10]),
        ]),
      [0, 1, 3],
    ],
    ['cut in the middle of a row', (good) => good.slice(0, Math.floor(good.length * 0.8)), [0, 1, 3]],
    ['an activity that nobody can read', (good) => good.replaceAll(',true,', ',perhaps,'), [0, 1, 3]],
  ])('%s', async (_what, spoil, codes) => {
    writeFileSync(at.desk.path('users.csv'), spoil(good));
    const run = await at.desk.run('sync', '--json');
    expect(codes).toContain(run.code);
    expect(run.stderr).not.toBe('');
    expect(taken(at.server).filter(removes)).toEqual([]);
    expect(Object.values(at.state().users).filter(({ active }) => active !== true)).toEqual([]);
    expect(at.server.users.size).toBe(100);
  });

  test('and the next good one is carried out', async () => {
    at.desk.export(made);
    expectCode(await at.desk.run('sync'), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('a file that is not there', async () => {
    await using empty = await world({ source: {} });
    expectCode(await empty.desk.run('sync'), 1);
    expect(taken(empty.server)).toEqual([]);
  });

  test('broken memberships take nobody out of a team', async () => {
    const edges = readFileSync(at.desk.path('memberships.csv'), 'utf8');
    taken(at.server);
    for (const text of ['', 'group,member\n', `${edges.slice(0, 300)}\nt1`, edges.replace('member', 'mmbr')]) {
      writeFileSync(at.desk.path('memberships.csv'), text);
      await at.desk.run('sync');
      expect(count(taken(at.server).filter(removes), 'PATCH', /./)).toBe(0);
    }
    at.desk.export(made);
    expectCode(await at.desk.run('sync'), 0);
    expect(at.state()).toEqual(expectedState(made));
  });
});

/** The id by which `plan` says that it can be carried out. */
async function plannedId(at: World): Promise<string> {
  const { stdout, stderr } = await at.desk.run('plan');
  const id = /--plan[ =]([\w.:-]+)/.exec(stdout + stderr)?.[1];
  if (id === undefined) throw new Error(`the plan does not say how to approve it:\n${stdout}\n${stderr}`);
  return id;
}
