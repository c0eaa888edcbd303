import { describe, expect, test } from '@jest/globals';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { SyncDeps, TargetSpec } from '../../../src/sync/context.ts';
import { sync, type SyncOptions, type SyncReport } from '../../../src/sync/pass.ts';
import { noNews } from '../../../src/sync/rounds/news.ts';
import { InMemoryTarget } from '../../world/in-memory-target.ts';
import { companySource, manualClock, targetSpec } from '../company.ts';
import { companyOf, passOptions } from '../pass-fixture.ts';

interface TwoTargets {
  readonly deps: SyncDeps;
  pass(options?: Partial<SyncOptions>, stop?: AbortSignal): Promise<SyncReport>;
  /** What the target received. */
  received(target: string): readonly string[];
}

/** Passes over one user, at two targets. */
function twoTargets(
  change: Partial<SyncDeps> = {},
  specs: Readonly<Record<string, Partial<TargetSpec>>> = {},
): TwoTargets {
  const targets = new Map(['one', 'two'].map((name) => [name, new InMemoryTarget(name)]));
  const deps: SyncDeps = {
    store: openStore(':memory:'),
    source: companySource(() => companyOf({ p1: 'ada' })),
    targets: [...targets.keys()].map((name) => ({ ...targetSpec({}), name, url: `${name}.invalid`, ...specs[name] })),
    clock: manualClock(),
    emit: () => undefined,
    connect: ({ name }) => targets.get(name) ?? new InMemoryTarget(name),
    random: () => 0.5,
    ...change,
  };
  return {
    deps,
    pass: (options, stop = new AbortController().signal) => sync(deps, { ...passOptions, ...options }, stop),
    received: (name) => targets.get(name)?.operationLog ?? [],
  };
}

describe('a lane that fails', () => {
  test('in its planning leaves the other targets alone', async () => {
    const broken = targetSpec({}).compileMapping({ users: ['userName'], groups: ['name'] });
    const failure = (): never => {
      throw new Error('broken rule');
    };
    const { pass, received } = twoTargets(
      {},
      { one: { compileMapping: () => ({ ...broken, identify: failure, desire: failure }) } },
    );
    const report = await pass();
    expect(report.errors).toMatchObject([{ target: 'one', error: { message: 'broken rule' } }]);
    expect(report.reports).toMatchObject([{ target: 'two', succeeded: 1 }]);
    expect(received('two')).toEqual(['create User p1']);
  });

  test('at its connection leaves its operations to the next pass', async () => {
    let isBroken = true;
    const two = new InMemoryTarget('two');
    const one = new InMemoryTarget('one');
    const { pass } = twoTargets({
      connect({ name }) {
        if (name === 'two') return two;
        if (isBroken) throw new Error('no certificate');
        return one;
      },
    });
    const report = await pass();
    expect(report.errors.map(({ target }) => target)).toEqual(['one']);
    expect(two.operationLog).toEqual(['create User p1']);
    isBroken = false;
    expect((await pass()).errors).toEqual([]);
    expect(one.operationLog).toEqual(['create User p1']);
  });
});

describe('a pass', () => {
  test('leaves a target alone that has no free lane', async () => {
    const { pass, received } = twoTargets();
    const lane = { news: noNews, leave: () => Promise.resolve() };
    const report = await pass({ lanes: { enter: (target) => (target === 'one' ? undefined : lane) } });
    expect(report.reports.map(({ target }) => target)).toEqual(['two']);
    expect(received('one')).toEqual([]);
  });

  test('by the last reading does not read the source', async () => {
    const { deps, pass, received } = twoTargets();
    await pass({ only: ['one'] });
    const source = { ...deps.source.source, open: () => Promise.reject(new Error('the source was read')) };
    const unread: SyncDeps = { ...deps, source: { ...deps.source, source } };
    const stop = new AbortController().signal;
    const report = await sync(unread, { ...passOptions, only: ['two'], byLastReading: true }, stop);
    expect(report.reports).toMatchObject([{ target: 'two', succeeded: 1 }]);
    expect(received('two')).toEqual(['create User p1']);
  });

  test('that is stopped before it planned a target reports it', async () => {
    const stop = new AbortController();
    const { pass } = twoTargets();
    const report = await pass({ onRead: () => stop.abort(new Error('stop')) }, stop.signal);
    expect(report).toMatchObject({ unplanned: ['one', 'two'], reports: [], stopped: true });
  });
});
