import { expect, test } from '@jest/globals';
import { createCredentialGate } from '../../src/model/credentials/credential-gate.ts';
import { instant } from '../../src/model/ids.ts';

const minute = 60_000;

function open() {
  const world = { text: 'wrong', now: 0 };
  const gate = createCredentialGate(
    () => world.text,
    () => instant(world.now),
  );
  return { world, gate };
}

test('at most three tries of refused credentials fall into any half hour', () => {
  const { world, gate } = open();
  const tries: number[] = [];
  for (; world.now < 6 * 60 * minute; world.now += minute) {
    if (gate.closed() !== undefined) continue;
    tries.push(world.now / minute);
    gate.refused();
  }
  expect(tries).toEqual([0, 5, 20, 50, 110, 170, 230, 290, 350]);
  for (const from of tries) expect(tries.filter((at) => at >= from && at < from + 30).length).toBeLessThanOrEqual(3);
});

test('changed credentials are tried at once, and count from the start', () => {
  const { world, gate } = open();
  gate.refused();
  expect(gate.refused()).toMatchObject({ count: 2, until: 15 * minute });
  world.text = 'other';
  expect(gate.closed()).toBeUndefined();
  expect(gate.isRetry).toBe(false);
  expect(gate.refused()).toMatchObject({ count: 1 });
});

test('accepted credentials are proven until they change or are refused', () => {
  const { world, gate } = open();
  expect(gate.isProven).toBe(false);
  gate.refused();
  world.now = 5 * minute;
  expect(gate.isRetry).toBe(true);
  gate.accepted();
  expect([gate.isProven, gate.isRetry, gate.closed()]).toEqual([true, false, undefined]);
  world.text = 'other';
  expect(gate.isProven).toBe(false);
});

test('refusals of single requests count in a row', () => {
  const { gate } = open();
  expect([gate.denied(), gate.denied()]).toEqual([1, 2]);
  gate.accepted();
  expect(gate.denied()).toBe(1);
});
