import { describe, expect, jest, test } from '@jest/globals';
import { byId, createCompany, hire, leave, rehire, peopleWithoutReports } from '../../world/company.ts';
import { countRequests, expectExitCode, drainLog, createFixture } from '../../world/fixture.ts';
import { expectedState } from '../../world/state.ts';
import type { StrictOptions } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

/** A small life of a company; the end state is compared after each step. */
describe.each<[string, StrictOptions, Readonly<Record<string, unknown>>]>([
  ['that knows no PATCH', { patch: false }, {}],
  ['that is configured for PUT', {}, { profile: { extends: 'generic', protocol: { update: 'put' } } }],
  ['that asks for If-Match', { etags: true, requireIfMatch: true }, {}],
  ['that ends memberships by itself', { deletionEndsMemberships: true }, { leavers: { action: 'delete' } }],
  ['whose externalIds are unique', { uniqueExternalIds: true }, {}],
  ['that refuses members whom it has', { refuseDuplicateMembers: true }, {}],
  ['that takes removals of nobody', { absentMemberIsNoTarget: false }, { leavers: { action: 'delete' } }],
])('an application %s', (what, options, changes) => {
  test('is kept in step', async () => {
    await using fixture = await createFixture({ server: options, target: changes, inProcess: true });
    const leavers = 'leavers' in changes ? 'delete' : 'deactivate';
    const company = createCompany(121, 25, 3);
    const step = async (): Promise<void> => {
      expectExitCode(await fixture.pass(company), 0);
      expect(fixture.state()).toEqual(expectedState(company, leavers));
    };
    await step();
    byId(company, 'e00002').title = 'Mover';
    byId(company, 'e00003').email = 'new@mail.example';
    const [leaver] = peopleWithoutReports(company, 1);
    const teams = [...company.teams.values()]
      .filter(({ members }) => members.has(leaver?.id ?? ''))
      .map(({ id }) => id);
    leave(company, leaver?.id ?? '');
    hire(company);
    Object.assign(company.teams.get('t1') ?? {}, { displayName: 'Renamed' });
    await step();
    rehire(company, leaver?.id ?? '', teams);
    company.teams.delete('t2');
    await step();
    if (what.includes('PATCH') || what.includes('PUT'))
      expect(countRequests(fixture.server.log, 'PUT', /./)).toBeGreaterThan(2);
    if (what.includes('PATCH')) expect(countRequests(fixture.server.log, 'PATCH', /./)).toBeLessThanOrEqual(3);
    drainLog(fixture.server);
    await step();
    expect(drainLog(fixture.server)).toEqual([]);
  });
});

test('with If-Match an account that somebody else changed meanwhile is still brought into step', async () => {
  await using fixture = await createFixture({ server: { etags: true, requireIfMatch: true }, inProcess: true });
  const company = createCompany(122, 10);
  expectExitCode(await fixture.pass(company), 0);
  const other = [...fixture.server.users.values()].find(({ data }) => data['externalId'] === 'e00004');
  const { status } = await fetch(`${fixture.server.url}/Users/${other?.id ?? ''}`, {
    method: 'PATCH',
    headers: {
      Authorization: `Bearer ${fixture.server.token}`,
      'Content-Type': 'application/scim+json',
      'If-Match': `W/"${other?.version ?? 0}"`,
    },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'nickName', value: 'Nick' }],
    }),
  });
  expect(status).toBe(200);
  byId(company, 'e00004').title = 'Mover';
  expectExitCode(await fixture.pass(company), 0);
  expect(fixture.state()).toEqual(expectedState(company));
  expect(fixture.server.users.get(other?.id ?? '')?.data['nickName']).toBe('Nick');
});
