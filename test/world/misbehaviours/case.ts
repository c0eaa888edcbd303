import { expect } from '@jest/globals';
import type { Complex } from '../../../src/sandbox/resources/resource.ts';
import type { SandboxOptions, Seed } from '../../../src/sandbox/sandbox.ts';
import type { TargetPass } from '../parallel-sandboxes.ts';
import {
  changeStages,
  idleStages,
  actualAccess,
  requestLines,
  unsuccessfulOperations,
  type Lifecycle,
} from '../lifecycle.ts';
import type { ProfileOverrides } from '../profile.ts';

/** One misbehaviour, and what scimsync must do about it. */
export interface Case {
  readonly number: number;
  /** What the application does, and what we do. */
  readonly title: string;
  /**
   * How scimsync is told to speak there; the application plays the same settings, unless the misbehaviour itself is
   * what they describe.
   */
  readonly profileChanges?: ProfileOverrides;
  readonly isProfileBehaviour?: true;
  /** Whose account is deleted there before the third stage, unknown to us. */
  readonly deletedOutOfBand?: 'mover' | 'transferred';
  /** Others that are played beside it. */
  readonly otherMisbehaviours?: readonly number[];
  /** What is there before the first pass. */
  readonly seed?: Seed;
  readonly options?: Partial<SandboxOptions>;
  /** Of the target in the configuration. */
  readonly settings?: (url: string) => Readonly<Record<string, unknown>>;
  readonly verify: (history: History) => void;
}

/** The life of a small company at that application. */
export interface History {
  readonly life: Lifecycle;
  /** One for each stage. */
  readonly passes: readonly TargetPass[];
}

export const passAt = ({ passes }: History, stage: number): TargetPass => {
  const pass = passes[stage];
  if (pass === undefined) throw new Error(`no stage ${stage}`);
  return pass;
};

/** Everything is done when it is said, and nothing is said when nothing changed. */
export function expectInSync(history: History): void {
  for (const stage of changeStages) {
    expect(unsuccessfulOperations(passAt(history, stage))).toEqual([]);
    expectAccess(history, stage);
  }
  expectNoRequests(history, idleStages);
}

/** Some things take another pass; in the end all is as it should be, and silent. */
export function expectConverged(history: History): void {
  expectAccess(history, 6);
  expectNoRequests(history, [6]);
}

/** Whoever should have access has it, in the right groups, and nobody else. */
export function expectAccess(history: History, stage: number): void {
  const { expected } = history.life.stages[stage] ?? {};
  expect(actualAccess(passAt(history, stage), { groups: true })).toEqual(expected);
}

export function expectNoRequests(history: History, stages: readonly number[]): void {
  expect(stages.flatMap((stage) => requestLines(passAt(history, stage)))).toEqual([]);
}

export const allRequests = ({ passes }: History): TargetPass['log'] => passes.flatMap(({ log }) => log);

export const bodies = (history: History): readonly string[] =>
  allRequests(history).flatMap(({ body }) => (body === undefined ? [] : [JSON.stringify(body)]));

export const countRequests = (log: TargetPass['log'], method: string, path: RegExp): number =>
  log.filter((entry) => entry.method === method && path.test(entry.path)).length;

/** Requests that could change something. */
export const writes = (log: TargetPass['log']): TargetPass['log'] => log.filter(({ method }) => method !== 'GET');

/** A person of the company as an application would hold her that knew her before. */
export const existingUser = (number: number, more: Complex = {}): Complex => ({
  id: `known-${number}`,
  userName: `p${number}@corp.example`,
  active: true,
  ...more,
});

/** Accounts without a user in the source. */
export const unrelatedUsers = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    id: `unrelated-${at}`,
    userName: `unrelated${at}@elsewhere.example`,
    externalId: `x${at}`,
    active: true,
  }));

/** No request changed an unrelated account. */
export function expectUnrelatedUntouched(history: History): void {
  expect(
    writes(allRequests(history)).filter(
      ({ path, body }) => path.includes('unrelated') || JSON.stringify(body ?? '').includes('unrelated-'),
    ),
  ).toEqual([]);
}

/** Details of what failed for people at a stage. */
export const failures = (history: History, stage: number): readonly string[] =>
  unsuccessfulOperations(passAt(history, stage))
    .filter(({ resource, outcome }) => resource === 'User' && outcome === 'failed')
    .map(({ detail }) => String(detail));

/** Everybody whom the application knows is in the right groups, although one of them is unknown there. */
export function expectOtherMembers(history: History, stage: number, unknown: string): void {
  const { expected } = history.life.stages[stage] ?? {};
  const without = Object.fromEntries(
    Object.entries(expected?.groups ?? {}).map(([name, members]) => [
      name,
      members.filter((member) => member !== unknown),
    ]),
  );
  expect(actualAccess(passAt(history, stage), { groups: true }).groups).toEqual(without);
}

export const transferredName = ({ life }: History): string => life.stages[2]?.names[life.persons.transferred] ?? '';

/** Details of operations that failed at a stage. */
export const failureDetails = (history: History, stage: number): readonly string[] =>
  unsuccessfulOperations(passAt(history, stage)).map(({ detail }) => String(detail));
