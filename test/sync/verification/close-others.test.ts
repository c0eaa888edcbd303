import { expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Outcome, RemoteResource } from '../../../src/model/outcome.ts';
import type { StoredVerification } from '../../../src/store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../../../src/sync/context.ts';
import { closeOthers } from '../../../src/sync/verification/close-others.ts';
import { never, update } from '../../scim/fixtures.ts';

const closing = { ...update('ada', [['active', true, false]]), action: 'deactivate' } as const;
const due = { stored: { operation: closing }, externalId: 'k1' } as unknown as StoredVerification;
const other = (id: string): RemoteResource => ({ remoteId: remoteId(id), body: { userName: id }, active: true });
const shown: Outcome = { kind: 'done', status: 200, evidence: 'shown' };
const answered: Outcome = { kind: 'done', status: 204 };
const refused: Outcome = { kind: 'rejected', status: 403, detail: '403: no' };

async function closeAll(
  others: readonly string[],
  outcome: Outcome,
  { verdict = 'confirmed', owned = '', isProtected = '' } = {},
): Promise<{ readonly sent: readonly string[]; readonly closed: number; readonly failure: string | undefined }> {
  const sent: string[] = [];
  const deps = {
    store: { owner: (_: string, id: string) => (id === owned ? sourceKey('bob') : undefined) },
    target: {
      perform: async (prepared: { remoteId: string }) => {
        sent.push(prepared.remoteId);
        return { outcome, requests: 1, retries: 0 };
      },
      verifyRemoval: async () => ({ kind: verdict, detail: 'the account is still active' }),
    },
  } as unknown as ExecutionDeps;
  const mapping = {
    paths: () => [],
    isProtected: (body: { userName: string }) => body.userName === isProtected,
  } as unknown as ExecutionRound['mapping'];
  const result = await closeOthers(deps, { mapping }, due, others.map(other), never);
  return { sent, ...result };
}

const ten = Array.from({ length: 10 }, (_, index) => `o${index}`);

test.each<[string, Parameters<typeof closeAll>, readonly string[], number, boolean]>([
  ['none', [[], shown], [], 0, true],
  ['two, shown', [['a', 'b'], shown], ['a', 'b'], 2, true],
  ['answered, and read as inactive', [['a'], answered], ['a'], 1, true],
  ['answered, and read as active', [['a'], answered, { verdict: 'contradicted' }], ['a'], 0, false],
  ['answered, and not readable', [['a'], answered, { verdict: 'unknown' }], ['a'], 0, false],
  ['refused', [['a', 'b'], refused], ['a'], 0, false],
  ['the account of another record', [['a', 'b'], shown, { owned: 'a' }], ['b'], 1, true],
  ['a protected account', [['a', 'b'], shown, { isProtected: 'b' }], ['a'], 1, true],
  ['ten', [ten, shown], ten, 10, true],
  ['eleven, as where the value names no person', [[...ten, 'o10'], shown], [], 0, false],
])('%s', async (_, given, sent, closed, isDone) => {
  const result = await closeAll(...given);
  expect(result).toMatchObject({ sent, closed });
  expect(result.failure === undefined).toBe(isDone);
});
