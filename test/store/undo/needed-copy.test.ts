import { dirname } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import { openDryRunStore } from '../../../src/store/sqlite-store.ts';
import type { PassEffects } from '../../../src/store/store.ts';
import { answer, begin, change, create, edit, members, remember, remove } from '../operations.ts';
import { at, state } from '../state.ts';
import { tidy } from '../retention/tidy.ts';
import { membershipEffects, resourceEffects } from './effects.ts';

jest.setTimeout(20_000);

const people = Array.from({ length: 64 }, (_, index) => `user-${index}`);

const effectsOf = async (journal: PassEffects, pass: number): Promise<unknown> => [
  await journal.passToUndo(pass),
  await resourceEffects(journal, pass),
  await membershipEffects(journal, pass),
];

test('a copy for an undo has what the pass did, also where the journal has packed it', async () => {
  const one = state();
  const passOf = async (...operations: readonly Operation[]): Promise<number> => {
    const pass = await begin(one, operations);
    // Side by side, so that they share a commit.
    await Promise.all(
      operations.map(({ action, key }) => {
        const change = action === 'delete' ? { kind: 'forget' as const } : remember(`r-${key}`, { userName: key });
        return answer(one, pass, `${action} ${key}`, { ...(action === 'members' ? {} : { change }), followUp: 'none' });
      }),
    );
    await one.store.journal.end(pass, at(200), 'done', undefined);
    return pass;
  };
  const creating = await passOf(...people.map((key) => create(key, { title: 'x' })), members('eng', 'add user-1'));
  const changing = await passOf(change('user-3', [edit('title', 'x', 'y')]), remove('user-1'), remove('user-2'));
  await tidy(one, { guardFrom: at(201) });
  expect(one.ask('select count(*) from payload_block')).not.toEqual([0]);
  for (const pass of [creating, changing]) {
    const copy = openDryRunStore(one.file, {
      ...{ temporaryFolder: dirname(one.file), maxBytesInMemory: 0, guardFrom: at(5_000), pass },
    });
    try {
      expect(await effectsOf(copy.journal, pass)).toEqual(await effectsOf(one.store.journal, pass));
    } finally {
      copy.close();
    }
  }
});
