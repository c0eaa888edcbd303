import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SyncDeps, TargetSpec } from '../../src/sync/context.ts';
import type { PassEvent } from '../../src/sync/events.ts';
import type { Lanes } from '../../src/sync/lanes/lanes.ts';
import { sync } from '../../src/sync/pass.ts';
import { limitsOf, removalLimits } from '../world/limits.ts';
import { randomRuns, randomRunsTimeoutMs } from '../world/random-runs.ts';
import type { Company } from './company.ts';
import {
  companies,
  companyOf,
  everything,
  expectedState,
  inWorld,
  leavers,
  never,
  options,
  person,
  planned,
  rules,
  sendsNothing,
  simulatedResults,
  stateOf,
} from './histories.ts';
import type { InMemoryTarget } from '../world/in-memory-target.ts';
import { readNews } from './news-during-pass.ts';

/** A company that the source holds after this number of slices of the first planning of a pass. */
type AfterSlices = readonly [slices: number, company: Company];

/** A reading is committed after some slices of a planning, which learns of it as news. */
function readBetweenSlices(
  io: SyncDeps,
  become: (company: Company) => void,
  [slices, company]: AfterSlices,
): { readonly io: SyncDeps; readonly lanes: Lanes } {
  let isPending = false;
  let remaining = slices;
  const read = { isDone: false };
  let begin = (): void => undefined;
  // Outside of the transaction of the planning, as another lane.
  void new Promise<void>((resolve) => {
    begin = resolve;
  })
    .then(() => readNews(io))
    .then(() => {
      read.isDone = true;
    });
  const news = {
    get pending() {
      return isPending;
    },
    take() {
      isPending = false;
    },
  };
  const store: SyncDeps['store'] = {
    ...io.store,
    planning: (work) =>
      io.store.planning((tx) =>
        work({
          ...tx,
          async nextSlice(meanwhile) {
            remaining -= 1;
            if (remaining !== -1) {
              await tx.nextSlice(meanwhile);
              return;
            }
            become(company);
            isPending = true;
            begin();
            while (!read.isDone) await tx.nextSlice();
            await tx.nextSlice(meanwhile);
          },
        }),
      ),
  };
  return { io: { ...io, store }, lanes: { enter: () => ({ news, leave: async () => undefined }) } };
}

/** A state without a file has one connection, so that plannings do not overlap. */
const withoutFile = (work: (file: string | undefined) => Promise<void>): Promise<void> => work(undefined);

async function withFile(work: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-slices-'));
  try {
    await work(join(folder, 'state.db'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ['a reading', 15, withoutFile],
  ['a reading whose leavers go before the planning ends', 8, withFile],
] as const)(
  '%s between any two slices of a planning leads to the content of the source',
  async (_name, runs, withState) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(companies, fc.tuple(fc.nat({ max: 5 }), companies), simulatedResults), {
          minLength: 1,
          maxLength: 3,
        }),
        leavers,
        rules,
        async (history, policy, ruled) => {
          await withState((file) =>
            inWorld(
              policy,
              ruled,
              async ({ io, target, become, converge }) => {
                for (const [company, between, faults] of history) {
                  become(company);
                  const remaining = [...faults];
                  target.simulate = () => remaining.shift() ?? 'answered';
                  const { io: sliced, lanes } = readBetweenSlices(io, become, between);
                  await sync(sliced, { ...options, plan: undefined, lanes }, never);
                }
                target.simulate = () => 'answered';
                expect(await planned(io, false)).toEqual(await planned(io, true));
                const last = history.at(-1);
                const company = last?.[1][1];
                if (company !== undefined) become(company);
                await converge();
                if (company !== undefined) expect(stateOf(target)).toEqual(expectedState(company, ruled, target));
                expect(await sendsNothing(io, target)).toBe(true);
              },
              file,
            ),
          );
        },
      ),
      randomRuns(runs),
    );
  },
  randomRunsTimeoutMs,
);

test('a leaver of a reading between two slices is not created', async () => {
  await inWorld({ action: 'deactivate' }, everything, async ({ io, target, become }) => {
    const before = companyOf({ p1: person('ada'), p2: person('bob') });
    become(before);
    const { io: sliced, lanes } = readBetweenSlices(io, become, [0, companyOf({ p2: person('bob') })]);
    await sync(sliced, { ...options, plan: undefined, lanes }, never);
    expect(target.operationLog).toEqual(['create User p2']);
  });
});

test('a stop between two slices ends the planning, and the next pass plans all of it', async () => {
  await withFile((file) =>
    inWorld(
      { action: 'deactivate' },
      everything,
      async ({ io, target, become }) => {
        become(companyOf({ p1: person('ada'), p2: person('bob') }));
        const stop = new AbortController();
        const planning: SyncDeps['store']['planning'] = (work) =>
          io.store.planning((tx) =>
            work({
              ...tx,
              async nextSlice(meanwhile) {
                await tx.nextSlice(meanwhile);
                stop.abort();
              },
            }),
          );
        const stopped = { ...io, store: { ...io.store, planning } };
        const report = await sync(stopped, { ...options, plan: undefined }, stop.signal);
        expect(report).toMatchObject({ unplanned: [expect.any(String)], errors: [], reports: [], stopped: true });
        expect(target.operationLog).toEqual([]);
        await sync(io, { ...options, plan: undefined }, never);
        expect(target.operationLog).toEqual(['create User p1', 'create User p2']);
      },
      file,
    ),
  );
});

describe('the leavers of a reading between two slices', () => {
  const staff = { p1: person('ada'), p2: person('bob'), p3: person('cy') };
  const joiners = { ...staff, p4: person('dan'), p5: person('eve') };
  const { p1: _ada, ...withoutAda } = joiners;
  const { p2: _bob, ...withoutAdaAndBob } = withoutAda;

  interface Setting {
    readonly guard?: TargetSpec['guard'];
    readonly simulate?: InMemoryTarget['simulate'];
  }

  /** A pass in which a company is read after the first slice of the planning, and the next pass. */
  async function passWith(between: Company, { guard, simulate = () => 'answered' }: Setting = {}) {
    const seen = { first: [] as string[], second: [] as readonly string[], errors: 0 };
    await withFile((file) =>
      inWorld(
        { action: 'deactivate' },
        everything,
        async ({ io: usual, target, become }) => {
          const targets = usual.targets.map((spec) => ({ ...spec, guard: guard ?? spec.guard }));
          const io = { ...usual, targets };
          become(companyOf(staff));
          await sync(io, { ...options, plan: undefined }, never);
          become(companyOf(joiners));
          const emit = (event: PassEvent): void => {
            if (event.type === 'planned') seen.first.push(`${event.operations} planned`);
            if (event.type === 'operation')
              seen.first.push(`${event.operation.action} ${event.operation.key} ${event.result}`);
          };
          target.simulate = simulate;
          const { io: sliced, lanes } = readBetweenSlices({ ...io, emit }, become, [0, between]);
          const { errors } = await sync(sliced, { ...options, plan: undefined, lanes }, never);
          seen.errors = errors.length;
          target.simulate = () => 'answered';
          const sent = target.operationLog.length;
          await sync(io, { ...options, plan: undefined }, never);
          seen.second = target.operationLog.slice(sent);
        },
        file,
      ),
    );
    return seen;
  }

  test('lose access before the planning ends', async () => {
    const { first, second } = await passWith(companyOf(withoutAda));
    expect(first.slice(0, 3)).toEqual(['1 planned', 'deactivate p1 done', '2 planned']);
    expect(first.slice(-2)).toEqual(['create p4 done', 'create p5 done']);
    expect(second).toEqual([]);
  });

  test('are planned again after it, where the target refuses', async () => {
    let requests = 0;
    const simulate = (): 'refused' | 'answered' => ((requests += 1) === 1 ? 'refused' : 'answered');
    const { first, second } = await passWith(companyOf(withoutAda), { simulate });
    expect(first.slice(0, 3)).toEqual(['1 planned', 'deactivate p1 failed', '2 planned']);
    expect([...first, ...second.map((one) => `${one.replace(' User', '')} done`)]).toContain('deactivate p1 done');
  });

  test('are held with the news, where the guard holds them', async () => {
    const { first } = await passWith(companyOf(withoutAdaAndBob), {
      guard: limitsOf(removalLimits({ kind: 'count', count: 1 })),
    });
    expect(first[0]).toBe('2 planned');
    expect(first.filter((one) => one.startsWith('deactivate') && one.endsWith('done'))).toEqual([]);
  });

  test('lose access in the next pass, where the lane fails', async () => {
    let requests = 0;
    const simulate = (): 'answered' => {
      requests += 1;
      if (requests === 1) throw new Error('disk full');
      return 'answered';
    };
    const { first, second, errors } = await passWith(companyOf(withoutAda), { simulate });
    expect(errors).toBe(1);
    expect(first).toEqual(['1 planned']);
    expect(second).toEqual(['deactivate User p1', 'create User p4', 'create User p5']);
  });
});
