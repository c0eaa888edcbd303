import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, byId, createCompany, leave, rehire, peopleWithoutReports, type Company } from '../world/company.ts';
import { noSanityChecks, expectExitCode, drainLog, createFixture, type Fixture } from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { Fault, StrictOptions } from '../world/strict-server/strict-server.ts';

jest.setTimeout(90_000);

interface ReversibleChange {
  readonly apply: (company: Company) => void;
  readonly revert: (company: Company) => void;
}

const changes: Readonly<Record<string, ReversibleChange>> = {
  'a title': {
    apply: (company) => void (byId(company, 'e00003').title = 'New'),
    revert: (company) => void (byId(company, 'e00003').title = 'Old'),
  },
  'a userName': {
    apply: (company) => void (byId(company, 'e00003').userName = 'n@x.example'),
    revert: (company) => void (byId(company, 'e00003').userName = 'p3@corp.example'),
  },
  'an added member': {
    apply: (company) => void company.teams.get('crew')?.members.add('e00003'),
    revert: (company) => void company.teams.get('crew')?.members.delete('e00003'),
  },
  'a removed member': {
    apply: (company) => void company.teams.get('crew')?.members.delete('e00001'),
    revert: (company) => void company.teams.get('crew')?.members.add('e00001'),
  },
  "a group's name": { apply: (company) => rename(company, 'New'), revert: (company) => rename(company, 'Crew') },
  'a leaver': {
    apply: (company) => void leave(company, 'e00009'),
    revert: (company) => void rehire(company, 'e00009', ['crew']),
  },
};

function rename(company: Company, displayName: string): void {
  Object.assign(company.teams.get('crew') ?? {}, { displayName });
}

/** Ten people without managers, three of them in one group. */
async function loadedCompany(fixture: Fixture): Promise<Company> {
  const company = createCompany(161, 10);
  for (const person of company.people.values()) person.manager = undefined;
  byId(company, 'e00003').title = 'Old';
  addTeam(company, 'crew', 'Crew', ['e00001', 'e00002', 'e00009']);
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  return company;
}

async function expectInSync(fixture: Fixture, company: Company): Promise<void> {
  expectExitCode(await fixture.pass(company), 0);
  expect(fixture.state()).toEqual(expectedState(company));
  drainLog(fixture.server);
  expectExitCode(await fixture.cli.run('sync'), 0);
  expect(drainLog(fixture.server)).toEqual([]);
}

describe('a change that was applied without a success response and then reverted in the source is reverted', () => {
  const serverOptions: Readonly<Record<string, StrictOptions>> = {
    PATCH: {},
    'If-Match': { etags: true, requireIfMatch: true },
    PUT: { patch: false },
  };
  const cases = Object.keys(changes).flatMap((what) => Object.keys(serverOptions).map((kind) => [what, kind] as const));

  test.each(cases)('500 after the write: %s (%s)', async (what, kind) => {
    await using fixture = await createFixture({
      source: noSanityChecks,
      server: { ...serverOptions[kind] },
      inProcess: true,
    });
    const company = await loadedCompany(fixture);
    fixture.server.options.fault = ({ method }): Fault | undefined =>
      method === 'GET' ? undefined : { status: 500, after: true };
    changes[what]?.apply(company);
    // After a failed addition the group is read back. It contains the member, so the operation succeeded.
    expectExitCode(await fixture.pass(company), what === 'an added member' ? 0 : 1);
    fixture.server.options.fault = undefined;
    changes[what]?.revert(company);
    await expectInSync(fixture, company);
  });

  test.each(Object.keys(changes))('500 after the write, and the retry is rejected: %s', async (what) => {
    await using fixture = await createFixture({ source: noSanityChecks, inProcess: true });
    const company = await loadedCompany(fixture);
    let writeCount = 0;
    fixture.server.options.fault = ({ method }): Fault | undefined =>
      method === 'GET' ? undefined : (writeCount += 1) % 2 === 1 ? { status: 500, after: true } : { status: 400 };
    changes[what]?.apply(company);
    await fixture.pass(company);
    fixture.server.options.fault = undefined;
    changes[what]?.revert(company);
    await expectInSync(fixture, company);
  });

  test.each(Object.keys(changes))('kill -9 before the response: %s', async (what) => {
    await using fixture = await createFixture({ source: noSanityChecks, inProcess: true });
    const company = await loadedCompany(fixture);
    changes[what]?.apply(company);
    fixture.cli.export(company);
    const cliProcess = fixture.cli.start('sync');
    fixture.server.options.fault = ({ method }): Fault | undefined => {
      if (method === 'GET') return undefined;
      cliProcess.child.kill('SIGKILL');
      return 'dropAfter';
    };
    expect((await cliProcess.exited).signal).toBe('SIGKILL');
    fixture.server.options.fault = undefined;
    changes[what]?.revert(company);
    await expectInSync(fixture, company);
  });
});

test('a member whose removal was rejected once is removed with the deleted user', async () => {
  await using fixture = await createFixture({ target: { leavers: { action: 'delete' } }, inProcess: true });
  const company = createCompany(162, 12, 2);
  expectExitCode(await fixture.pass(company), 0);
  fixture.server.options.fault = ({ method, path }): Fault | undefined =>
    method === 'PATCH' && path.startsWith('/Groups') ? { status: 400 } : undefined;
  leave(company, peopleWithoutReports(company, 1)[0]?.id ?? '');
  await fixture.pass(company);
  fixture.server.options.fault = undefined;
  await fixture.pass(company);
  expectExitCode(await fixture.pass(company), 0);
  expect(fixture.state()).toEqual(expectedState(company, 'delete'));
});
