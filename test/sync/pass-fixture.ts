import type { StoredOperation, Store } from '../../src/store/store.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { plan, sync, type SyncOptions, type SyncReport } from '../../src/sync/pass.ts';
import type { SyncDeps, SourceSpec, TargetSpec } from '../../src/sync/context.ts';
import { notesOf } from '../store/notes.ts';
import { InMemoryTarget } from '../world/in-memory-target.ts';
import { companySource, manualClock, targetSpec, type Company, type Person } from './company.ts';

/** Passes over a company in memory, at one application in memory. */
export interface PassFixture {
  readonly store: Store;
  readonly target: InMemoryTarget;
  /** What the passes are given; a test may change it between two of them. */
  spec: TargetSpec;
  readonly deps: () => SyncDeps;
  /** Sets what the source holds. A minute passes. */
  become(company: Company): void;
  /** One pass. @returns the operations that the application received, in order: `create User p1` */
  pass(company: Company, options?: Partial<SyncOptions>, stop?: AbortSignal): Promise<readonly string[]>;
  /** The report of the last pass. */
  report(): SyncReport;
  /** The plan of a dry run, in the order in which it would be executed. */
  planned(company: Company, options?: Partial<SyncOptions>): Promise<readonly StoredOperation[]>;
  /** The id of that plan. */
  planId(company: Company): Promise<string>;
  /** Texts of the notes of the last pass. */
  notes(): Promise<readonly string[]>;
  /** Moves the clock. */
  wait(milliseconds: number): void;
  [Symbol.dispose](): void;
}

export const passOptions: SyncOptions = {
  only: undefined,
  full: false,
  approval: {},
  operator: { name: 'admin', host: 'host' },
  acceptSource: false,
  command: 'test',
  note: undefined,
  plan: undefined,
};

const never = new AbortController().signal;

export interface PassFixtureOptions {
  readonly spec?: TargetSpec;
  readonly source?: Partial<SourceSpec>;
}

export function createPassFixture({ spec = targetSpec({}), source = {} }: PassFixtureOptions = {}): PassFixture {
  let current: Company = companyOf({});
  let report: SyncReport | undefined;
  const store = openStore(':memory:');
  const target = new InMemoryTarget('app');
  const clock = manualClock();
  const fixture: PassFixture = {
    store,
    target,
    spec,
    deps: () => ({
      store,
      source: { ...companySource(() => current), ...source },
      targets: [fixture.spec],
      clock,
      emit: () => undefined,
      connect: () => target,
      random: () => 0.5,
    }),
    become(company) {
      current = company;
      clock.move(60_000);
    },
    async pass(company, options, stop = never) {
      fixture.become(company);
      const before = target.operationLog.length;
      report = await sync(fixture.deps(), { ...passOptions, ...options }, stop);
      return target.operationLog.slice(before);
    },
    report() {
      if (report === undefined) throw new Error('no pass yet');
      return report;
    },
    async planned(company, options) {
      fixture.become(company);
      return plan(
        fixture.deps(),
        { ...passOptions, ...options },
        async ({ pass }) => store.journal.operations(pass, 'app', 0, undefined, 10_000),
        never,
      );
    },
    async planId(company) {
      fixture.become(company);
      return plan(fixture.deps(), passOptions, async ({ id }) => id, never);
    },
    async notes() {
      return (await notesOf(store, fixture.report().pass, 'app')).map(({ text }) => text);
    },
    wait: (milliseconds) => {
      clock.move(milliseconds);
    },
    [Symbol.dispose]: () => {
      store.close();
    },
  };
  return fixture;
}

/** An active user without a department and a manager. */
export const person = (userName: string, more: Partial<Person> = {}): Person => ({
  userName,
  department: '',
  manager: undefined,
  active: true,
  ...more,
});

/** Users by key, with a userName or in full; groups by key, with the keys of their members. */
export function companyOf(
  users: Readonly<Record<string, string | Person>>,
  groups: Readonly<Record<string, { readonly name: string; readonly members: Iterable<string> }>> = {},
): Company {
  return {
    people: new Map(Object.entries(users).map(([key, one]) => [key, typeof one === 'string' ? person(one) : one])),
    groups: new Map(
      Object.entries(groups).map(([key, { name, members }]) => [key, { name, members: new Set(members) }]),
    ),
  };
}
