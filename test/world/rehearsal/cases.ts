import { expect } from '@jest/globals';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { enterpriseUser } from '../fixture.ts';
import { testPersons, type Call, type RehearsalOptions, type RehearsalPass } from './rehearsal.ts';

/** One misbehaviour from 86 on, and how scimsync must handle it. */
export interface RehearsalCase extends Omit<RehearsalOptions, 'misbehaviours'> {
  readonly number: number;
  /** What the application does: what scimsync does. */
  readonly title: string;
  /** Asserts more than safety and convergence. */
  readonly verify?: (passes: readonly RehearsalPass[]) => void;
  /** What the application itself takes away: hand-made members or e-mail addresses. */
  readonly loses?: 'members' | 'emails';
  /** Whether an account that waits for the person counts as in sync. */
  readonly invites?: boolean;
}

const during = (passes: readonly RehearsalPass[]): readonly RehearsalPass[] =>
  passes.filter(({ stage }) => stage === 'changes' || stage === 'returns');
const requestsOf = (passes: readonly RehearsalPass[]) => passes.flatMap(({ requests }) => requests);
const writes = (passes: readonly RehearsalPass[]) => requestsOf(passes).filter(({ method }) => method !== 'GET');
const idOf = (sandbox: Sandbox, key: string): string =>
  sandbox.users().find(({ externalId }) => externalId === key)?.id ?? 'missing';
const patch = (...operations: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

/** Members and an e-mail address that no mapping names. */
export async function addByHand(call: Call, sandbox: Sandbox): Promise<void> {
  const team = sandbox.groups().find(({ externalId }) => externalId === 't1')?.id ?? 'missing';
  const addMember = { op: 'add', path: 'members', value: [{ value: 'unrelated-0' }] };
  const addEmail = { op: 'add', path: 'emails', value: [{ value: 'home@home.example', type: 'home' }] };
  const results = [
    await call('PATCH', `/Groups/${team}`, patch(addMember)),
    await call('PATCH', `/Users/${idOf(sandbox, testPersons.mover)}`, patch(addEmail)),
  ];
  expect(results.map(({ status }) => status)).toEqual([204, 200]);
}

/** What `addByHand` added and the last pass does not show. */
export function lostByHand(passes: readonly RehearsalPass[]): readonly string[] {
  const { users = [], groups = [] } = passes.at(-1) ?? {};
  const team = groups.find(({ externalId }) => externalId === 't1');
  const mover = users.find(({ externalId }) => externalId === testPersons.mover);
  return [
    ...(JSON.stringify(team?.['members'] ?? '').includes('unrelated-0') ? [] : ['members']),
    ...(JSON.stringify(mover?.['emails'] ?? '').includes('home@home.example') ? [] : ['emails']),
  ];
}

/** The misbehaviours 86 to 110, in order. */
export const rehearsalCases: readonly RehearsalCase[] = [
  { number: 86, title: 'errors in 200: the error in the body counts' },
  {
    number: 87,
    title: '200 and {} to everything: no write counts as done',
    verify: (passes) => {
      for (const { openLeavers, run } of during(passes)) if (openLeavers.length > 0) expect(run.code).not.toBe(0);
    },
  },
  {
    number: 88,
    title: 'PATCH inside Bulk has no effect: sent as single requests',
    settings: { profile: { extends: 'generic', protocol: { bulk: 'offered' } } },
    sandbox: { bulk: { maxOperations: 1000, maxPayloadSize: 1_048_576, methods: ['POST', 'PUT', 'PATCH', 'DELETE'] } },
  },
  { number: 89, title: '202 and a lost job: looked at again, and sent again' },
  { number: 90, title: '204 without effect for owners: each removal is verified by a read' },
  {
    number: 91,
    title: '404 from a gateway: no account is forgotten or created again',
    verify: (passes) => {
      const known = new Set(passes[0]?.users.map(({ id }) => id));
      const replaced = passes.at(-1)?.users.filter(({ id }) => known.has(id));
      expect(replaced).toHaveLength(known.size);
    },
  },
  { number: 92, title: 'a refused update took effect: read before it is settled' },
  { number: 93, title: 'a refused create took effect: looked up before anything else' },
  { number: 94, title: 'If-Match never works: updates go without it' },
  { number: 95, title: 'the id in the response to a create is not the stored one: looked up again' },
  {
    number: 96,
    title: 'the id changes at reactivation: the id of the response is used',
    verify: (passes) => {
      const returned = passes.at(-1)?.users.filter(({ externalId }) => externalId === testPersons.returning);
      expect(returned).toMatchObject([{ active: true }]);
      const creates = writes(passes.filter(({ stage }) => stage !== 'first')).filter(
        ({ method, path }) => method === 'POST' && path === '/Users',
      );
      expect(creates).toHaveLength(2);
    },
  },
  { number: 97, title: 'adding members replaces all members: the complete list is sent', loses: 'members' },
  { number: 98, title: 'replacing one e-mail address removes the others', loses: 'emails' },
  { number: 99, title: 'only the first operation of a PATCH is executed: the rest is sent again' },
  {
    number: 100,
    title: 'members cannot be changed: reported, and not recorded as done',
    verify: (passes) => {
      expect(during(passes).map(({ run }) => run.code)).not.toContain(0);
    },
  },
  { number: 101, title: 'names and managers are ignored by PATCH: the response shows it' },
  {
    number: 102,
    title: 'a new account is inactive until the person accepts: not activated again and again',
    until: 'recovery',
    invites: true,
    verify: (passes) => {
      const activations = writes(during(passes)).filter(
        ({ method, body }) => method === 'PATCH' && /"path":"active","value":true/.test(JSON.stringify(body)),
      );
      expect(activations.length).toBeLessThanOrEqual(4);
    },
  },
  {
    number: 103,
    title: 'searches show creates late: an unanswered create is not sent twice',
    sandbox: {
      uniqueUserNames: false,
      faults: [{ do: 'dropAfter', match: { method: 'POST', path: '^/Users$', body: 'p1[01]@' }, times: 2 }],
    },
  },
  {
    number: 104,
    title: 'DELETE is refused: deactivated instead, and reported',
    settings: { leavers: { action: 'delete' } },
    verify: (passes) => {
      expect(during(passes).at(-1)?.openLeavers).toEqual([]);
    },
  },
  {
    number: 105,
    title: 'the removal of an attribute is refused: the other changes are made',
    verify: (passes) => {
      const user = during(passes)
        .at(-1)
        ?.users.find(({ externalId }) => externalId === testPersons.withoutTitle);
      expect(user?.[enterpriseUser]).toMatchObject({ department: 'Changed' });
    },
  },
  {
    number: 106,
    title: 'a create with a manager fails: created without, and the manager is added',
    verify: (passes) => {
      const hired = during(passes)
        .at(-1)
        ?.users.find(({ externalId }) => externalId === 'e00011');
      expect(hired).toMatchObject({ active: true });
    },
  },
  {
    number: 107,
    title: 'a group refers to a deleted account: the account is read, and the other members are changed',
    atStart: async (call, sandbox) => {
      expect((await call('DELETE', `/Users/${idOf(sandbox, testPersons.deleted)}`)).status).toBe(204);
    },
  },
  {
    number: 108,
    title: 'a rate limit without Retry-After: obeyed without a 429',
    settings: { limits: { requestsPerSecond: 1000, concurrency: 1 } },
    verify: (passes) => {
      expect(requestsOf(passes).filter(({ status }) => status === 429)).toEqual([]);
      expect(requestsOf(during(passes)).length).toBeGreaterThan(20);
    },
  },
  { number: 109, title: 'responses of 28 MB: read, a few at a time', until: 'changes' },
  {
    number: 110,
    title: 'no write is answered: the target is skipped after a few',
    verify: (passes) => {
      for (const pass of during(passes)) {
        expect(pass.run.code).not.toBe(0);
        expect(writes([pass]).length).toBeLessThanOrEqual(20);
      }
    },
  },
];
