import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { groupOfNames } from '../../world/directory/ldif/group-entries.ts';
import { groups, people, startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { person } from '../../world/directory/create-unit.ts';
import { expectExitCode, operationLines, summaryLines, drainLog, writes } from '../../world/fixture.ts';

jest.setTimeout(120_000);

const many = 20_000;
const depth = 300;
const uid = (index: number): string => `p${index}`;
const dn = (index: number): string => `uid=${uid(index)},${people}`;

let slapd: Slapd;
let at: DirectoryFixture;
beforeAll(async () => {
  const allUsers = Array.from({ length: many }, (_, index) => index);
  slapd = await startSlapd({
    overlays: ['syncprov'],
    ldif: [
      ...allUsers.map((index) =>
        person(uid(index), people, {
          mail: `${uid(index)}@example.test`,
          employeeType: index % 4000 === 0 ? 'few' : 'many',
        }),
      ),
      groupOfNames('allUsers', groups, allUsers.map(dn)),
      // Each holds two people of its own and the next one.
      ...Array.from({ length: depth }, (_, level) =>
        groupOfNames(`level${level}`, groups, [dn(2 * level), dn(2 * level + 1), `cn=level${level + 1},${groups}`]),
      ),
    ].join('\n'),
  });
  at = await directoryFixture(slapd, { users: { base: people }, groups: { base: groups } });
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
  await slapd[Symbol.asyncDispose]();
});

test('a plan has all users, and all members of every group', async () => {
  const run = await at.cli.run('plan', '--json');
  expectExitCode(run, 0);
  const nested = depth * (depth + 1);
  expect(summaryLines(run)).toMatchObject([
    { counts: { create: many + 1 + depth, addMembers: many + nested, removeMembers: 0, deactivate: 0 }, held: null },
  ]);
  const added = new Map<string, Set<unknown>>();
  for (const line of operationLines(run).filter(({ action }) => action === 'addMembers')) {
    const members = added.get(String(line['name'])) ?? new Set();
    added.set(String(line['name']), members);
    for (const key of (line['changes'] as { to: readonly string[] }[])[0]?.to ?? []) members.add(key);
  }
  expect(added.get('allUsers')?.size).toBe(many);
  for (const level of [0, 1, 150, depth - 1])
    expect([level, added.get(`level${level}`)?.size]).toEqual([level, 2 * (depth - level)]);
  expect(at.app.log).toEqual([]);
});

test('an incremental read applies the change of a nested group to the outer one; a full read adds none', async () => {
  at.configure(
    {},
    { scope: { users: 'user.employeeType == "few"', groups: 'group.cn == "allUsers" || group.cn == "level0"' } },
  );
  expectExitCode(await at.pass(), 0);
  expect(at.members()).toEqual({ allUsers: ['p0', 'p12000', 'p16000', 'p4000', 'p8000'], level0: ['p0'] });
  await slapd.change(
    [
      `dn: cn=level${depth - 1},${groups}\nchangetype: modify\nadd: member\nmember: ${dn(4000)}\n`,
      `dn: cn=allUsers,${groups}\nchangetype: modify\ndelete: member\nmember: ${dn(8000)}\n`,
      `dn: ${dn(12000)}\nchangetype: delete\n`,
      `dn: ${dn(16000)}\nchangetype: modify\nreplace: mail\nmail: new@example.test\n`,
    ].join('\n'),
  );
  drainLog(at.app);
  const run = await at.pass();
  expectExitCode(run, 0);
  expect(run.stderr).not.toContain('doing a full read');
  expect(at.members()).toEqual({ allUsers: ['p0', 'p16000', 'p4000'], level0: ['p0', 'p4000'] });
  expect(at.active()).toEqual({ p0: true, p4000: true, p8000: true, p12000: false, p16000: true });
  expect(
    writes(drainLog(at.app))
      .map(({ method, path }) => `${method} ${/^\/\w+/.exec(path)?.[0] ?? ''}`)
      .sort(),
  ).toEqual(['PATCH /Groups', 'PATCH /Groups', 'PATCH /Users', 'PATCH /Users']);
  expectExitCode(await at.pass('--full'), 0);
  expect(writes(at.app.log)).toEqual([]);
});
