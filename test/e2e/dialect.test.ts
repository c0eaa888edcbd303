import { describe, expect, jest, test } from '@jest/globals';
import { byId, company, hire, leave, rehire, withoutReports } from '../world/company.ts';
import { count, expectCode, taken, world } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import type { StrictOptions } from '../world/strict-server.ts';

jest.setTimeout(60_000);

/** A small life of a company; the end state is compared after each step. */
describe.each<[string, StrictOptions, Readonly<Record<string, unknown>>]>([
  ['that knows no PATCH', { patch: false }, {}],
  ['that is configured for PUT', {}, { profile: { extends: 'generic', speaks: { update: 'put' } } }],
  ['that asks for If-Match', { etags: true, requireIfMatch: true }, {}],
  ['that ends memberships by itself', { deletionEndsMemberships: true }, { leavers: { action: 'delete' } }],
  ['whose externalIds are unique', { uniqueExternalIds: true }, {}],
  ['that refuses members whom it has', { refuseDuplicateMembers: true }, {}],
  ['that takes removals of nobody', { absentMemberIsNoTarget: false }, { leavers: { action: 'delete' } }],
])('an application %s', (what, options, changes) => {
  test.concurrent('is kept in step', async () => {
    await using at = await world({ server: options, target: changes });
    const leavers = 'leavers' in changes ? 'delete' : 'deactivate';
    const made = company(121, 25, 3);
    const step = async (): Promise<void> => {
      expectCode(await at.pass(made), 0);
      expect(at.state()).toEqual(expectedState(made, leavers));
    };
    await step();
    byId(made, 'e00002').title = 'Mover';
    byId(made, 'e00003').email = 'new@mail.example';
    const [gone] = withoutReports(made, 1);
    const teams = [...made.teams.values()].filter(({ members }) => members.has(gone?.id ?? '')).map(({ id }) => id);
    leave(made, gone?.id ?? '');
    hire(made);
    Object.assign(made.teams.get('t1') ?? {}, { displayName: 'Renamed' });
    await step();
    rehire(made, gone?.id ?? '', teams);
    made.teams.delete('t2');
    await step();
    if (what.includes('PATCH') || what.includes('PUT')) expect(count(at.server.log, 'PUT', /./)).toBeGreaterThan(2);
    if (what.includes('PATCH')) expect(count(at.server.log, 'PATCH', /./)).toBeLessThanOrEqual(3);
    taken(at.server);
    await step();
    expect(taken(at.server)).toEqual([]);
  });
});

test.concurrent(
  'with If-Match an account that somebody else changed meanwhile is still brought into step',
  async () => {
    await using at = await world({ server: { etags: true, requireIfMatch: true } });
    const made = company(122, 10);
    expectCode(await at.pass(made), 0);
    const other = [...at.server.users.values()].find(({ data }) => data['externalId'] === 'e00004');
    const { status } = await fetch(`${at.server.url}/Users/${other?.id ?? ''}`, {
      method: 'PATCH',
      headers: {
        Authorization: `Bearer ${at.server.token}`,
        'Content-Type': 'application/scim+json',
        'If-Match': `W/"${other?.version ?? 0}"`,
      },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'nickName', value: 'Nick' }],
      }),
    });
    expect(status).toBe(200);
    byId(made, 'e00004').title = 'Mover';
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    expect(at.server.users.get(other?.id ?? '')?.data['nickName']).toBe('Nick');
  },
);
