import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, type Company } from '../world/company.ts';
import {
  configuration,
  createFixture,
  expectExitCode,
  noSanityChecks,
  summaryLines,
  target,
  type Fixture,
} from '../world/fixture.ts';
import { startStrictServer } from '../world/strict-server/strict-server.ts';

jest.setTimeout(120_000);

/** 60 people at the application, and 20 of them leave: the guard holds them. */
async function withHeldLeavers(): Promise<{ fixture: Fixture; company: Company; id: string }> {
  const fixture = await createFixture({ source: noSanityChecks });
  const company = createCompany(93, 60);
  for (const person of company.people.values()) person.manager = undefined;
  expectExitCode(await fixture.pass(company), 0);
  for (const id of [...company.people.keys()].slice(0, 20)) leave(company, id);
  fixture.cli.export(company);
  const plan = await fixture.cli.run('plan', '--json');
  return { fixture, company, id: String(summaryLines(plan)[0]?.['plan']) };
}

const inactive = ({ server }: Fixture): number =>
  [...server.users.values()].filter(({ data }) => data['active'] === false).length;

describe('approve', () => {
  test('lets the next pass carry out what is held, once, and the journal states who and why', async () => {
    const { fixture, company, id } = await withHeldLeavers();
    await using _fixture = fixture;
    const { cli } = fixture;
    expectExitCode(await cli.run('approve', id, '--reason', 'interns left'), 0);
    const waiting = await cli.run('status', '--json');
    expect(waiting.lines.filter(({ type }) => type === 'approval')).toMatchObject([
      { reason: 'interns left', plan: id, target: 'app', outcome: 'waiting', pass: null },
    ]);
    // Another change between approval and pass does not matter: it is not held.
    hire(company, { manager: undefined });
    expectExitCode(await fixture.pass(company), 0);
    expect(inactive(fixture)).toBe(20);
    const history = await cli.run('history', '--json');
    const approved = history.lines.filter(({ approval }) => approval !== null);
    expect(approved).toHaveLength(20);
    expect(approved[0]).toMatchObject({ action: 'deactivate', approval: { reason: 'interns left', outcome: 'used' } });
    const passes = await cli.run('passes', '--json');
    expect(passes.lines.map(({ approvals }) => (approvals as unknown[]).length)).toEqual([0, 1]);
    expect((await cli.run('passes')).stdout).toContain('interns left');
    expect((await cli.run('status')).stdout).toContain('interns left');
    // What was approved does not count again, and the approval is used up.
    leave(company, [...company.people.keys()][0] ?? '');
    expectExitCode(await fixture.pass(company), 0);
    for (const key of [...company.people.keys()].slice(0, 20)) leave(company, key);
    expectExitCode(await fixture.pass(company), 3);
  });

  test('is void for a pass that holds other operations', async () => {
    const { fixture, company, id } = await withHeldLeavers();
    await using _fixture = fixture;
    expectExitCode(await fixture.cli.run('approve', id, '--reason', 'interns left'), 0);
    leave(company, [...company.people.keys()][0] ?? '');
    expectExitCode(await fixture.pass(company), 3);
    expect(inactive(fixture)).toBe(0);
    const passes = await fixture.cli.run('passes', '--json');
    expect(passes.lines.at(-1)).toMatchObject({ approvals: [{ outcome: 'void' }] });
    expectExitCode(await fixture.pass(company), 3);
  });

  test('refuses another plan, a plan without holds, and a call without a reason', async () => {
    const { fixture, company, id } = await withHeldLeavers();
    await using _fixture = fixture;
    const unknown = await fixture.cli.run('approve', '0123456789ab', '--reason', 'x');
    expectExitCode(unknown, 1);
    expect(unknown.stderr).toContain('(code: plan.outOfDate)');
    expect(unknown.stderr).toContain(id);
    expectExitCode(await fixture.cli.run('approve', id), 4);
    expectExitCode(await fixture.pass(company, '--allow-removals', '20', '--reason', 'now'), 0);
    hire(company, { manager: undefined });
    fixture.cli.export(company);
    const harmless = String(summaryLines(await fixture.cli.run('plan', '--json'))[0]?.['plan']);
    const nothing = await fixture.cli.run('approve', harmless, '--reason', 'x');
    expectExitCode(nothing, 1);
    expect(nothing.stderr).toContain('(code: plan.nothingHeld)');
  });
});

test('--allow-removals is one total over all targets', async () => {
  await using fixture = await createFixture();
  const other = await startStrictServer();
  try {
    const second = { ...target(other.url), name: 'other', auth: { type: 'bearer', token: other.token } };
    fixture.cli.configure(configuration([target(fixture.server.url), second], noSanityChecks));
    const company = createCompany(94, 60);
    for (const person of company.people.values()) person.manager = undefined;
    expectExitCode(await fixture.pass(company), 0);
    for (const id of [...company.people.keys()].slice(0, 20)) leave(company, id);
    const closed = (): readonly number[] =>
      [fixture.server, other].map(
        ({ users }) => [...users.values()].filter(({ data }) => data['active'] === false).length,
      );
    expectExitCode(await fixture.pass(company, '--allow-removals', '39'), 3);
    expect(closed()).toEqual([20, 0]);
    expectExitCode(await fixture.pass(company, '--allow-removals', '19'), 3);
    expectExitCode(await fixture.pass(company, '--target', 'other', '--allow-removals', '20'), 0);
    expect(closed()).toEqual([20, 20]);
  } finally {
    await other.close();
  }
});

describe('a reason', () => {
  test('without an approval is refused, and a blank one too', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(96, 3));
    const alone = await fixture.cli.run('sync', '--reason', 'because');
    expectExitCode(alone, 4);
    expect(alone.stderr).toContain('(code: commandLine.reasonAlone)');
    for (const args of [
      ['sync', '--allow-removals', '1', '--reason', ' '],
      ['approve', '123456789012', '--reason', ''],
    ])
      expectExitCode(await fixture.cli.run(...args), 4);
    expect(fixture.server.users.size).toBe(0);
  });

  test('of --accept-source stands in the journal', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(97, 3));
    expectExitCode(await fixture.cli.run('sync', '--accept-source', '--reason', 'HR moved to SAP'), 0);
    const { lines } = await fixture.cli.run('passes', '--json');
    expect(lines[0]?.['note']).toContain('HR moved to SAP');
  });
});

test('check prints the limits in force', async () => {
  await using fixture = await createFixture({
    target: { guard: { maxCreates: 25, maxRemovals: { limit: '3%', floor: 4 } } },
  });
  fixture.cli.export(createCompany(95, 3));
  const { stdout } = await fixture.cli.run('check');
  expect(stdout).toContain('maxCreates 25:');
  expect(stdout).toContain('maxRemovals 3 % above 4:');
  expect(stdout).toContain('maxGroupRemovals 3 % above 4:');
  expect(stdout).toContain('maxAttributeChanges 50 % above 10:');
});
