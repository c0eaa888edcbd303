import { describe, expect, test } from '@jest/globals';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { SourceSpec, SyncDeps } from '../../../src/sync/context.ts';
import { sync, type SyncOptions, type SyncReport } from '../../../src/sync/pass.ts';
import { createGate, gatedSource } from '../../world/gated-source.ts';
import { InMemoryTarget } from '../../world/in-memory-target.ts';
import { companySource, manualClock, targetSpec, type Company } from '../company.ts';
import { companyOf, passOptions } from '../pass-fixture.ts';

const incomplete = (): IncompleteReading =>
  new IncompleteReading('source.inconsistent', (consequence) => `the server ended the connection; ${consequence}`);

/** A target that waits in the middle of a first load, and passes over a company beside it. */
async function executingLane() {
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  const clock = manualClock();
  const company = companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd' });
  const [request, answer] = [createGate(), createGate()];
  const perform = target.perform.bind(target);
  target.perform = async (context) => {
    request.open();
    await answer.opened;
    return perform(context);
  };
  const pass = (source: SourceSpec, options: Partial<SyncOptions> = {}, stop = new AbortController().signal) => {
    const deps: SyncDeps = {
      ...{ store, source, clock, targets: [targetSpec({})] },
      emit: () => undefined,
      connect: () => target,
      random: () => 0.5,
    };
    return sync(deps, { ...passOptions, ...options }, stop);
  };
  const lane = pass(companySource(() => company));
  await request.opened;
  return {
    store,
    target,
    lane,
    /** The lane sends the rest of its plan. */
    async finishLane(): Promise<SyncReport> {
      answer.open();
      return lane;
    },
    /** A pass that reads another company, and plans no target: its lane is busy. */
    readBeside: (next: Company, gate: (batch: number) => Promise<void>, stop?: AbortSignal) =>
      pass(
        gatedSource({ ...companySource(() => next), sanity: strict }, gate),
        { lanes: { enter: () => undefined } },
        stop,
      ),
  };
}

const strict: SourceSpec['sanity'] = {
  maxShrink: 0.1,
  maxBlank: 1,
  maxDangling: { kind: 'share', share: 1, floor: 1000 },
  floor: 0,
};

const sent = ['create User p1', 'create User p2', 'create User p3'];
const larger = companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd', p4: 'dan' });

describe('while a source hangs in the middle of a reading', () => {
  test('a lane goes on and its results are recorded; the reading is committed afterwards', async () => {
    const world = await executingLane();
    const [asked, batch] = [createGate(), createGate()];
    const reading = world.readBeside(larger, (count) => {
      if (count === 1) asked.open();
      return count === 1 ? batch.opened : Promise.resolve();
    });
    await asked.opened;
    expect(await world.finishLane()).toMatchObject({ reports: [{ succeeded: 3, failed: 0 }], errors: [] });
    expect(world.target.operationLog).toEqual(sent);
    expect(await world.store.mirror.counts()).toMatchObject({ users: 3 });
    batch.open();
    await reading;
    expect(await world.store.mirror.counts()).toMatchObject({ users: 4 });
  });

  test('a stop ends the reading, and leaves the state as it was', async () => {
    const world = await executingLane();
    await world.finishLane();
    const stop = new AbortController();
    const last = await world.store.mirror.last();
    const reading = world.readBeside(
      larger,
      async (count) => {
        if (count === 1) stop.abort(new Error('stop'));
      },
      stop.signal,
    );
    await expect(reading).rejects.toThrow('stop');
    expect(await world.store.mirror.last()).toEqual(last);
  });
});

describe('a reading that is not accepted takes back nothing of a lane', () => {
  test.each<[string, (count: number) => void, Company, RegExp]>([
    [
      'because it fails',
      (count) => {
        if (count === 2) throw incomplete();
      },
      larger,
      /ended the connection/,
    ],
    ['because it is implausible', () => undefined, companyOf({ p1: 'ada' }), /implausible/],
  ])('%s', async (_, atBatch, next, message) => {
    const world = await executingLane();
    const batch = createGate();
    const reading = world.readBeside(next, async (count) => {
      await batch.opened;
      atBatch(count);
    });
    const refused = expect(reading).rejects.toThrow(message);
    await world.finishLane();
    batch.open();
    await refused;
    expect(await world.store.mirror.counts()).toMatchObject({ users: 3 });
    const known = await world.store.target('app');
    expect((await known.totals()).users).toBe(3);
  });
});

test('two readings of one process come one after the other', async () => {
  const world = await executingLane();
  const first = createGate();
  const started: string[] = [];
  const one = world.readBeside(larger, async () => {
    started.push('one');
    await first.opened;
  });
  const two = world.readBeside(companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd', p5: 'eve', p6: 'fay' }), async () => {
    started.push('two');
  });
  await world.finishLane();
  expect(started).toEqual(['one']);
  first.open();
  await Promise.all([one, two]);
  expect(started).toEqual(['one', 'one', 'one', 'two', 'two', 'two']);
  expect(await world.store.mirror.counts()).toMatchObject({ users: 5 });
});
