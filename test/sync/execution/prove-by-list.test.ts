import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Outcome, RemoteResource } from '../../../src/model/outcome.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import type { ExecutionDeps, TargetSpec } from '../../../src/sync/context.ts';
import {
  absenceInList,
  isPlausible,
  provedByList,
  type ListProofDeps,
} from '../../../src/sync/execution/prove-by-list.ts';
import { never, profile, remove, update } from '../../scim/fixtures.ts';

test.each([
  [0, 0, false],
  [0, 10, false],
  [4, 10, false],
  [5, 10, true],
  [1, 0, true],
])('a list of %i where %i are known: plausible %s', (found, known, expected) => {
  expect(isPlausible(found, known)).toBe(expected);
});

const body = { userName: 'ada', externalId: 'k1' };
const known = { remoteId: remoteId('7'), body };
const listed = (id: string, externalId = 'k1'): RemoteResource => ({
  remoteId: remoteId(id),
  body: { userName: 'ada', externalId },
  active: true,
});

/** A target whose list has these accounts, and five known ones. */
function list(
  accounts: readonly RemoteResource[],
  { complete = true, found = 5, owner = undefined as string | undefined } = {},
): ListProofDeps & Pick<ExecutionDeps, 'serving'> {
  return {
    listings: { forAbsence: async () => ({ complete, found, detail: complete ? undefined : 'it ended early' }) },
    store: {
      listingCache: {
        has: (_type: unknown, id: unknown) => accounts.some((one) => one.remoteId === id),
        find: (_type: unknown, by: string, value: string) => accounts.filter((one) => one.body[by] === value),
      },
      totals: async () => ({ activeUsers: 5, groups: 5 }),
    },
    serving: { owners: async () => [owner] },
  } as never;
}

const spec = (protocol: Partial<Protocol> = {}): TargetSpec =>
  ({ name: 'app', adopt: true, adoptConflicts: false, profile: profile({ protocol }) }) as TargetSpec;

describe('a list of all accounts', () => {
  test.each<[string, ListProofDeps, string]>([
    ['that is not complete', list([], { complete: false }), 'unproven'],
    ['that is empty', list([], { found: 0 }), 'unproven'],
    ['with less than half of the known accounts', list([], { found: 2 }), 'unproven'],
    ['with the id', list([listed('7')]), 'listed'],
    ['with the values under another id', list([listed('9')]), 'match'],
    ['without the account', list([]), 'absent'],
  ])('%s', async (_, deps, expected) => {
    const suspect = { ...known, resourceType: 'User' } as const;
    expect((await absenceInList(deps, spec(), suspect, never)).kind).toBe(expected);
  });
});

describe('an answer that a list may decide', () => {
  const closing: Operation = { ...update('ada', [['active', true, false]], body), action: 'deactivate' };
  const rename = update('ada', [['title', 'x', 'y']], body);
  const search: Operation = { ...update('ada', []), action: 'verifyCreate', body };
  const unproven: Outcome = { kind: 'rejected', status: 404, detail: '404', isProvableByList: true };
  const hides = { inactiveUsers: 'notFound' } as const;
  test.each<[string, Operation, ReturnType<typeof list>, Partial<Protocol>, object]>([
    [
      'a removal, absent',
      remove('ada'),
      list([]),
      {},
      { kind: 'notFound', detail: 'already gone, confirmed by the list' },
    ],
    ['an update, absent', rename, list([]), {}, { kind: 'notFound', status: 404 }],
    ['a create in doubt, absent', search, list([]), {}, { kind: 'notFound' }],
    ['an update, hidden when inactive', rename, list([]), hides, { kind: 'rejected' }],
    ['a removal, hidden when inactive', closing, list([]), hides, { kind: 'notFound' }],
    ['still listed', closing, list([listed('7')]), {}, { kind: 'rejected', status: 404 }],
    ['under another id', closing, list([listed('9')]), {}, { kind: 'adopted', resource: { remoteId: '9' } }],
    ['the name of another person', remove('ada'), list([listed('9', 'k9')]), {}, { kind: 'notFound' }],
    ['the account of another record', closing, list([listed('9')], { owner: 'bob' }), {}, { kind: 'notFound' }],
    ['an incomplete list', closing, list([], { complete: false }), {}, { kind: 'rejected' }],
  ])('%s', async (_, operation, deps, protocol, expected) => {
    const account = operation.action === 'verifyCreate' ? undefined : known;
    expect(await provedByList(deps, spec(protocol), operation, unproven, account, never)).toMatchObject(expected);
  });

  test('any other answer stays as it is', async () => {
    const outcome: Outcome = { kind: 'rejected', status: 400, detail: 'no' };
    expect(await provedByList(list([]), spec(), closing, outcome, known, never)).toBe(outcome);
  });
});
