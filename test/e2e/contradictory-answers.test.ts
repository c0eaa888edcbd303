import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { addTeam, byId, createCompany, hire, leave, peopleWithoutReports, type Company } from '../world/company.ts';
import {
  countRequests,
  createFixture,
  drainLog,
  expectExitCode,
  operationLines,
  writes,
  type Fixture,
  type FixtureOptions,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { Resource } from '../world/strict-server/schema.ts';

jest.setTimeout(120_000);

const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error';

let fixture: Fixture;
let company: Company;

async function start(options: FixtureOptions = {}): Promise<void> {
  fixture = await createFixture({ inProcess: true, ...options });
  company = createCompany(3, 12);
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
}

const account = (externalId: string): Resource | undefined =>
  [...fixture.server.users.values()]
    .map(({ id, data }): Resource => ({ ...data, id }))
    .find((one) => one['externalId'] === externalId);
const firstLeaver = (): string => peopleWithoutReports(company, 1)[0]?.id ?? '';

beforeEach(() => start());
afterEach(() => fixture[Symbol.asyncDispose]());

/** A pass that changes nothing any more. */
async function expectNoChange(): Promise<void> {
  drainLog(fixture.server);
  expectExitCode(await fixture.pass(company), 0);
  expect(writes(drainLog(fixture.server))).toEqual([]);
}

describe('a SCIM error in a 200', () => {
  const refused = {
    status: 200,
    body: () => ({ schemas: [errorSchema], status: '400', scimType: 'mutability', detail: 'not here' }),
  };

  test('to PATCH: PUT deactivates the leaver', async () => {
    fixture.server.options.fault = ({ method }) => (method === 'PATCH' ? refused : undefined);
    const id = firstLeaver();
    leave(company, id);
    expectExitCode(await fixture.pass(company), 0);
    expect(account(id)).toMatchObject({ active: false });
    expect(fixture.state()).toEqual(expectedState(company));
    await expectNoChange();
  });

  test('to every change: the leaver stays one, with exit code 1', async () => {
    const id = firstLeaver();
    fixture.server.options.fault = ({ method }) => (method === 'GET' ? undefined : refused);
    leave(company, id);
    for (let pass = 0; pass < 3; pass += 1) {
      const run = await fixture.pass(company);
      expectExitCode(run, 1);
      expect(operationLines(run)).toMatchObject([{ outcome: 'failed', detail: expect.stringContaining('not here') }]);
      expect(account(id)).toMatchObject({ active: true });
    }
    fixture.server.options.fault = undefined;
    expectExitCode(await fixture.pass(company), 0);
    expect(account(id)).toMatchObject({ active: false });
  });
});

describe('every If-Match is answered 412', () => {
  beforeEach(async () => {
    await fixture[Symbol.asyncDispose]();
    await start({ server: { etags: true } });
  });

  test('changes are sent without it', async () => {
    const [first, second, third] = peopleWithoutReports(company, 3).map(({ id }) => id);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three are needed');
    const team = addTeam(company, 't1', 'One', [second]);
    fixture.server.options.fault = ({ method, ifMatch }) =>
      method === 'PATCH' && ifMatch !== undefined ? { status: 412 } : undefined;
    byId(company, third).title = 'Mate';
    team.members.add(third);
    leave(company, first);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    await expectNoChange();
  });
});

describe('a create that is answered 500 each time', () => {
  test('costs a bounded number of requests, and less in later passes', async () => {
    const refused = Array.from({ length: 4 }, () => hire(company).id);
    fixture.server.options.fault = ({ method, body }) =>
      method === 'POST' && refused.includes(String((body as Resource | undefined)?.['externalId']))
        ? { status: 500 }
        : undefined;
    const accepted = hire(company);
    const requests: number[] = [];
    for (let pass = 0; pass < 8; pass += 1) {
      expectExitCode(await fixture.pass(company), 1);
      requests.push(drainLog(fixture.server).length);
    }
    expect(account(accepted.id)).toMatchObject({ active: true });
    expect(Math.max(...requests)).toBeLessThanOrEqual(50);
    // Tried in the passes 1, 2, 4 and 8.
    expect(requests.filter((count) => count > 10)).toHaveLength(4);
    expect(countRequests(drainLog(fixture.server), 'POST', '/Users')).toBe(0);
  });
});
