import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports, type Company } from '../world/company.ts';
import {
  createFixture,
  drainLog,
  expectExitCode,
  operationLines,
  withoutDiscovery,
  writes,
  type Fixture,
} from '../world/fixture.ts';
import type { Fault, LogEntry } from '../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

type Changes = (fixture: Fixture, entry: LogEntry) => Fault | undefined;

/** One person leaves; the faults begin with the pass in which the person leaves. */
async function withLeaver(seed: number, target: Readonly<Record<string, unknown>>, fault: Changes) {
  const fixture = await createFixture({ inProcess: true, target });
  const company = createCompany(seed, 20);
  expectExitCode(await fixture.pass(company), 0);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('no person without reports');
  leave(company, leaver.id);
  fixture.server.options.fault = (entry) => fault(fixture, entry);
  drainLog(fixture.server);
  return { fixture, company, leaver };
}

const isAccount = ({ path }: LogEntry): boolean => path.startsWith('/Users/');

/** Whether the server still has an active account of the person. */
const isOpen = ({ server }: Fixture, key: string): boolean =>
  [...server.users.values()].some(({ data }) => data['externalId'] === key && data['active'] !== false);

const sentToAccounts = ({ server }: Fixture): readonly string[] =>
  writes(withoutDiscovery(drainLog(server)))
    .filter(isAccount)
    .map(({ method }) => method);

const outcomesOf = async (fixture: Fixture, company: Company) =>
  operationLines(await fixture.pass(company)).map(({ outcome, evidence }) => [outcome, evidence]);

describe('a removal without a proven effect', () => {
  test('a deactivation answered 204 without effect is sent as PUT in the next pass, and is read', async () => {
    const { fixture, company, leaver } = await withLeaver(301, {}, (_, entry) =>
      isAccount(entry) && entry.method === 'PATCH' ? { status: 204 } : undefined,
    );
    await using _ = fixture;
    expectExitCode(await fixture.pass(company), 1);
    expect([sentToAccounts(fixture), isOpen(fixture, leaver.id)]).toEqual([['PATCH'], true]);
    expect(await outcomesOf(fixture, company)).toEqual([['done', 'read']]);
    expect([sentToAccounts(fixture), isOpen(fixture, leaver.id)]).toEqual([['PUT'], false]);
  });

  test.each([204, 202, 302, 404, 410])(
    'a DELETE answered %d without effect is replaced by a deactivation',
    async (status) => {
      const target = { leavers: { action: 'delete' } };
      const { fixture, company, leaver } = await withLeaver(302, target, (_, entry) =>
        isAccount(entry) && entry.method === 'DELETE' ? { status } : undefined,
      );
      await using _ = fixture;
      await fixture.pass(company);
      await fixture.pass(company);
      expect(isOpen(fixture, leaver.id)).toBe(false);
    },
  );

  test.each([502, 503, 504])('a DELETE answered %d in two passes is replaced by a deactivation', async (status) => {
    const target = { leavers: { action: 'delete' } };
    const { fixture, company, leaver } = await withLeaver(303, target, (_, entry) =>
      isAccount(entry) && entry.method === 'DELETE' ? { status } : undefined,
    );
    await using _ = fixture;
    expectExitCode(await fixture.pass(company), 1);
    expect([sentToAccounts(fixture).includes('PATCH'), isOpen(fixture, leaver.id)]).toEqual([false, true]);
    expectExitCode(await fixture.pass(company), 0);
    expect([sentToAccounts(fixture).includes('PATCH'), isOpen(fixture, leaver.id)]).toEqual([true, false]);
  });
});
