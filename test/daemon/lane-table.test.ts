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

test('a check gets a free lane, and leaves it to a pass that wants it', async () => {
  const woken: string[] = [];
  const table = createLaneTable(
    {
      clock: createManualClock(),
      wake: (target) => void woken.push(target),
      takeNotices: () => undefined,
      save: async () => undefined,
      onQuarantine: () => undefined,
      onRecovery: () => undefined,
    },
    new AbortController().signal,
  );
  const lanes = table.forPass(false);
  const busy = lanes.enter('crm', pass);
  expect(table.enterCheck('crm')).toBeUndefined();
  await busy?.leave({ kind: 'unplanned' });
  const check = table.enterCheck('crm');
  expect(check?.news.pending).toBe(false);
  expect(lanes.enter('crm', pass)).toBeUndefined();
  expect(check?.news.pending).toBe(true);
  await check?.leave(false);
  expect(woken).toEqual(['crm']);

  const repairing = table.enterCheck('crm');
  await repairing?.leave(true);
  expect(woken).toEqual(['crm', 'crm']);
  table.notice({ command: 'pause', target: 'crm' }, ['crm']);
  expect(table.enterCheck('crm')).toBeUndefined();
});

test('a check stays away from a target that failed', async () => {
  const table = createLaneTable(
    {
      clock: createManualClock(),
      wake: () => undefined,
      takeNotices: () => undefined,
      save: async () => undefined,
      onQuarantine: () => undefined,
      onRecovery: () => undefined,
    },
    new AbortController().signal,
  );
  const lane = table.forPass(false).enter('crm', pass);
  await lane?.leave({ kind: 'failed', error: new Error('502') });
  expect(table.enterCheck('crm')).toBeUndefined();
});
