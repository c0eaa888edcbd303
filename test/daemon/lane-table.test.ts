import { expect, test } from '@jest/globals';
import { createLaneTable } from '../../src/daemon/lane-table.ts';
import { createManualClock } from './manual-clock.ts';

const pass = { pass: 1, reading: 1 };

test('a lane is free again where its state cannot be written', async () => {
  let isFull = false;
  const table = createLaneTable(
    {
      clock: createManualClock(),
      wake: () => undefined,
      takeNotices: () => undefined,
      save: async () => {
        if (isFull) throw new Error('the disk is full');
      },
      onQuarantine: () => undefined,
      onRecovery: () => undefined,
    },
    new AbortController().signal,
  );
  const lanes = table.forPass(false);
  const lane = lanes.enter('crm', pass);
  expect(lanes.enter('crm', pass)).toBeUndefined();
  isFull = true;
  await expect(lane?.leave({ kind: 'unplanned' })).rejects.toThrow('the disk is full');
  isFull = false;
  expect(lanes.enter('crm', pass)).toBeDefined();
});
