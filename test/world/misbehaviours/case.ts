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

/** One misbehaviour, and how scimsync must handle it. */
export interface Case {
  readonly number: number;
  /** What the application does: what scimsync does. */
  readonly title: string;
  /** Profile settings for scimsync. The sandbox plays them too, unless the misbehaviour is what they describe. */
  readonly profileChanges?: ProfileOverrides;
  readonly isProfileBehaviour?: true;
  /** The user whose account is deleted out of band before the third stage. */
  readonly deletedOutOfBand?: 'mover' | 'transferred';
  /** Further misbehaviours that the sandbox plays. */
  readonly otherMisbehaviours?: readonly number[];
  /** Resources that exist before the first pass. */
  readonly seed?: Seed;
  readonly options?: Partial<SandboxOptions>;
  /** Settings of the target in the configuration. */
  readonly settings?: (url: string) => Readonly<Record<string, unknown>>;
  readonly verify: (history: History) => void;
}

/** The life cycle of a small company, with one pass for each stage. */
export interface History {
  readonly life: Lifecycle;
  readonly passes: readonly TargetPass[];
}

export const passAt = ({ passes }: History, stage: number): TargetPass => {
  const pass = passes[stage];
  if (pass === undefined) throw new Error(`no stage ${stage}`);
  return pass;
};

/** Every stage ends in sync, and stages without changes send no request. */
export function expectInSync(history: History): void {
  for (const stage of changeStages) {
    expect(unsuccessfulOperations(passAt(history, stage))).toEqual([]);
    expectAccess(history, stage);
  }
  expectNoRequests(history, idleStages);
}

/** The last stage is in sync and sends no request; earlier stages may need another pass. */
export function expectConverged(history: History): void {
  expectAccess(history, 6);
  expectNoRequests(history, [6]);
}

/** Exactly the expected users are active, in the expected groups. */
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

/** Requests that may change resources. */
export const writes = (log: TargetPass['log']): TargetPass['log'] => log.filter(({ method }) => method !== 'GET');

/** A user of the company that exists at the application before the first pass. */
export const existingUser = (number: number, more: Complex = {}): Complex => ({
  id: `known-${number}`,
  userName: `p${number}@corp.example`,
  active: true,
  ...more,
});

/** Users who do not belong to the company. */
export const unrelatedUsers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `unrelated-${index}`,
    userName: `unrelated${index}@elsewhere.example`,
    externalId: `x${index}`,
    active: true,
  }));

/** No write concerns an unrelated user. */
export function expectUnrelatedUntouched(history: History): void {
  expect(
    writes(allRequests(history)).filter(
      ({ path, body }) => path.includes('unrelated-') || JSON.stringify(body ?? '').includes('unrelated-'),
    ),
  ).toEqual([]);
}

/** Details of failed operations on users at a stage. */
export const failures = (history: History, stage: number): readonly string[] =>
  unsuccessfulOperations(passAt(history, stage))
    .filter(({ resource, outcome }) => resource === 'User' && outcome === 'failed')
    .map(({ detail }) => String(detail));

/** The groups have all expected members except one that the application does not know. */
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
