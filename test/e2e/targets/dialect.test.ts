import { describe, expect, jest, test } from '@jest/globals';
import { unlimitedGuard } from '../../world/limits.ts';
import { byId, createCompany, hire, leave, rehire, peopleWithoutReports } from '../../world/company.ts';
import { countRequests, expectExitCode, drainLog, createFixture } from '../../world/fixture.ts';
import { expectedState } from '../../world/state.ts';
import type { StrictOptions } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

/** Joiners, movers, leavers and a rehire; the state of the application is compared after each step. */
describe.each<[string, StrictOptions, { readonly leavers?: { readonly action: 'delete' }; readonly profile?: object }]>(
  [
    ['without PATCH', { patch: false }, {}],
    ['with a profile for PUT', {}, { profile: { extends: 'generic', protocol: { update: 'put' } } }],
    ['that requires If-Match', { etags: true, requireIfMatch: true }, {}],
    ['that removes members when it deletes them', { deletionEndsMemberships: true }, { leavers: { action: 'delete' } }],
    ['with unique externalIds', { uniqueExternalIds: true }, {}],
    ['that rejects the addition of an existing member', { refuseDuplicateMembers: true }, {}],
    [
      'that accepts the removal of an absent member',
      { absentMemberIsNoTarget: false },
      { leavers: { action: 'delete' } },
    ],
  ],
)('an application %s', (what, options, changes) => {
  test('has the expected state after each step', async () => {
    await using fixture = await createFixture({
      server: options,
      target: { guard: unlimitedGuard, ...changes, leavers: { groups: 'delete', ...changes.leavers } },
      inProcess: true,
    });
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

test('with If-Match, an account that another client changed meanwhile is updated', async () => {
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
