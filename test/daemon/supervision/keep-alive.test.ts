import { expect, test } from '@jest/globals';
import { keepAlive } from '../../../src/daemon/supervision/keep-alive.ts';
import { createLaneLife, maxSilenceMs, type LaneLife } from '../../../src/daemon/supervision/lane-life.ts';
import { freeLanes, type Lane } from '../../../src/sync/lanes/lanes.ts';
import { createManualClock } from '../manual-clock.ts';

function enter(lanes: LaneLife, target: string): Lane {
  const lane = freeLanes.enter(target, { pass: 1, reading: 1 });
  if (lane === undefined) throw new Error('a free lane takes part');
  return lanes.observe(target, lane);
}

test('a busy lane lives by requests and by questions for news, and a free one needs no sign', async () => {
  let now = 0;
  const lanes = createLaneLife(() => now);
  const [wiki, crm] = [enter(lanes, 'wiki'), enter(lanes, 'crm')];
  now = maxSilenceMs;
  expect(lanes.silent()).toEqual([]);
  lanes.sign('wiki');
  now += 1;
  expect(lanes.silent()).toEqual(['crm']);
  expect(crm.news.pending).toBe(false);
  expect(lanes.silent()).toEqual([]);
  now = 3 * maxSilenceMs;
  expect(lanes.silent()).toEqual(['wiki', 'crm']);
  await wiki.leave({ kind: 'unplanned' });
  await crm.leave({ kind: 'unplanned' });
  expect(lanes.silent()).toEqual([]);
});

test('the end of a pass does not end the life of the next one', async () => {
  let now = 0;
  const lanes = createLaneLife(() => now);
  const earlier = enter(lanes, 'wiki');
  enter(lanes, 'wiki');
  await earlier.leave({ kind: 'unplanned' });
  now = maxSilenceMs + 1;
  expect(lanes.silent()).toEqual(['wiki']);
});

test('two signs of life in the time of the supervisor, and no sign while a lane is silent', async () => {
  const clock = createManualClock();
  const stop = new AbortController();
  let silent: readonly string[] = [];
  let messages = 0;
  const reported: (readonly string[])[] = [];
  const running = keepAlive(
    {
      clock,
      supervisor: { alive: async () => void (messages += 1) },
      lanes: { silent: () => silent },
      onSilence: (targets) => reported.push(targets),
    },
    20,
    stop.signal,
  );
  await clock.advance(25);
  expect(messages).toBe(3);
  silent = ['wiki'];
  await clock.advance(20);
  expect({ messages, reported }).toEqual({ messages: 3, reported: [['wiki']] });
  silent = [];
  await clock.advance(10);
  expect(messages).toBe(4);
  stop.abort();
  await running;
});
