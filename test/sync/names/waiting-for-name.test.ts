import { expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { ResourceOperation } from '../../../src/model/operation.ts';
import { recordKey } from '../../../src/model/record-key.ts';
import type { KnownState } from '../../../src/model/resource.ts';
import { phases } from '../../../src/plan/phases.ts';
import type { StoredOperation } from '../../../src/store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../../../src/sync/context.ts';
import { waitingForName } from '../../../src/sync/names/waiting-for-name.ts';

const leaver: KnownState = {
  resourceType: 'User',
  key: sourceKey('L'),
  remoteId: remoteId('1'),
  body: { userName: 'ADA@x', active: true },
  active: true,
  origin: 'created',
};

const create: StoredOperation = {
  ...{ id: 2, phase: phases.createUsers, wave: 0, isRenaming: false, state: 'planned', waitsFor: sourceKey('L') },
  operation: {
    ...{ action: 'create', resourceType: 'User', key: sourceKey('J'), name: 'ada@x', reason: 'is new' },
    body: { userName: 'ada@x' },
  },
};

const temporaryName: StoredOperation = {
  ...create,
  phase: phases.releaseNames,
  operation: {
    ...{ action: 'update', resourceType: 'User', key: sourceKey('L'), name: 'ADA@x', reason: '' },
    edits: [{ path: 'userName', from: 'ADA@x', to: 'ADA.left@x' }],
    body: {},
  },
};

const removal: ResourceOperation = {
  ...{ action: 'delete', resourceType: 'User', key: sourceKey('L'), name: 'ADA@x', reason: 'left the source' },
};

/** @returns why the operation waits, and how many notes were written */
async function wait(
  stored: StoredOperation,
  holder: KnownState | undefined,
  operations: readonly ResourceOperation[] = [removal],
): Promise<readonly [string | undefined, number]> {
  let notes = 0;
  const journal = {
    recordEntries: async () => ({ operations: operations.map((operation) => ({ ...create, operation })), notes: [] }),
    noteWaiting: async () => {
      notes += 1;
    },
  } as unknown as ExecutionDeps['journal'];
  const known = new Map(
    holder === undefined ? [] : [[recordKey({ resourceType: 'User', key: sourceKey('L') }), holder]],
  );
  const round = { pass: 1, spec: { name: 'app' } } as ExecutionRound;
  const result = await waitingForName({ journal }, round, stored, { known });
  expect([undefined, 0]).toContain(result?.requests);
  return [result !== undefined && 'detail' in result.outcome ? result.outcome.detail : undefined, notes];
}

const { waitsFor: _, ...withoutHolder } = create;

test.each<[string, StoredOperation, KnownState | undefined, readonly ResourceOperation[], string | undefined]>([
  ['no account has the name', withoutHolder, leaver, [], undefined],
  ['the account is deleted', create, undefined, [removal], undefined],
  ['the account is missing', create, { ...leaver, missingSince: 1 as never }, [removal], undefined],
  ['the account is inactive', create, { ...leaver, active: false }, [removal], undefined],
  ['the account has another name', create, { ...leaver, body: { userName: 'ada.left@x' } }, [removal], undefined],
  ['the removal failed', create, leaver, [removal], 'waits for the removal of key L'],
  ['the rename failed', create, leaver, [], 'waits for the rename of key L'],
])('%s', async (_what, stored, holder, operations, expected) => {
  expect(await wait(stored, holder, operations)).toEqual([expected, expected === undefined ? 0 : 1]);
});

test('a leaver keeps the name until the removal went, without a note', async () => {
  expect(await wait(temporaryName, leaver)).toEqual(['waits for the removal of key L', 0]);
  expect(await wait(temporaryName, { ...leaver, active: false })).toEqual([undefined, 0]);
});
