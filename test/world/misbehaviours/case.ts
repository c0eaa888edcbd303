import { expect } from '@jest/globals';
import type { Complex } from '../../../src/sandbox/resource.ts';
import type { SandboxOptions, Seed } from '../../../src/sandbox/sandbox.ts';
import type { Leg } from '../fleet.ts';
import { changes, pauses, reached, requests, undone, type Life } from '../life.ts';
import type { Changes } from '../profile.ts';

/** One misbehaviour, and what scimsync must do about it. */
export interface Case {
  readonly number: number;
  /** What the application does, and what we do. */
  readonly title: string;
  /** How scimsync is told to speak there; the application plays the same words, unless the misbehaviour itself is what they describe. */
  readonly words?: Changes;
  readonly isWord?: true;
  /** Whose account is deleted there before the third stage, unknown to us. */
  readonly forgotten?: 'mover' | 'transferred';
  /** Others that are played beside it. */
  readonly beside?: readonly number[];
  /** What is there before the first pass. */
  readonly seed?: Seed;
  readonly options?: Partial<SandboxOptions>;
  /** Of the target in the configuration. */
  readonly settings?: (url: string) => Readonly<Record<string, unknown>>;
  readonly end: (voyage: Voyage) => void;
}

/** The life of a small company at that application. */
export interface Voyage {
  readonly life: Life;
  /** One for each stage. */
  readonly legs: readonly Leg[];
}

export const legAt = ({ legs }: Voyage, stage: number): Leg => {
  const leg = legs[stage];
  if (leg === undefined) throw new Error(`no stage ${stage}`);
  return leg;
};

/** Everything is done when it is said, and nothing is said when nothing changed. */
export function inStep(voyage: Voyage): void {
  for (const stage of changes) {
    expect(undone(legAt(voyage, stage))).toEqual([]);
    hasAccess(voyage, stage);
  }
  isSilent(voyage, pauses);
}

/** Some things take another pass; in the end all is as it should be, and silent. */
export function settles(voyage: Voyage): void {
  hasAccess(voyage, 6);
  isSilent(voyage, [6]);
}

/** Whoever should have access has it, in the right groups, and nobody else. */
export function hasAccess(voyage: Voyage, stage: number): void {
  const { said } = voyage.life.stages[stage] ?? {};
  expect(reached(legAt(voyage, stage), { groups: true })).toEqual(said);
}

export function isSilent(voyage: Voyage, stages: readonly number[]): void {
  expect(stages.flatMap((stage) => requests(legAt(voyage, stage)))).toEqual([]);
}

export const allRequests = ({ legs }: Voyage): Leg['log'] => legs.flatMap(({ log }) => log);

export const bodies = (voyage: Voyage): readonly string[] =>
  allRequests(voyage).flatMap(({ body }) => (body === undefined ? [] : [JSON.stringify(body)]));

export const count = (log: Leg['log'], method: string, path: RegExp): number =>
  log.filter((entry) => entry.method === method && path.test(entry.path)).length;

/** Requests that could change something. */
export const writes = (log: Leg['log']): Leg['log'] => log.filter(({ method }) => method !== 'GET');

/** A person of the company as an application would hold her that knew her before. */
export const known = (number: number, more: Complex = {}): Complex => ({
  id: `known-${number}`,
  userName: `p${number}@corp.example`,
  active: true,
  ...more,
});

/** Others, who are nobody's business. */
export const strangers = (how: number) =>
  Array.from({ length: how }, (_, at) => ({
    id: `stranger-${at}`,
    userName: `stranger${at}@elsewhere.example`,
    externalId: `x${at}`,
    active: true,
  }));

/** No request changed a stranger. */
export function strangersAreLeftAlone(voyage: Voyage): void {
  expect(
    writes(allRequests(voyage)).filter(
      ({ path, body }) => path.includes('stranger') || JSON.stringify(body ?? '').includes('stranger-'),
    ),
  ).toEqual([]);
}

/** Details of what failed for people at a stage. */
export const failures = (voyage: Voyage, stage: number): readonly string[] =>
  undone(legAt(voyage, stage))
    .filter(({ resource, outcome }) => resource === 'User' && outcome === 'failed')
    .map(({ detail }) => String(detail));

/** Everybody whom the application knows is in the right groups, although one of them is unknown there. */
export function othersAreMembers(voyage: Voyage, stage: number, unknown: string): void {
  const { said } = voyage.life.stages[stage] ?? {};
  const without = Object.fromEntries(
    Object.entries(said?.groups ?? {}).map(([name, members]) => [name, members.filter((member) => member !== unknown)]),
  );
  expect(reached(legAt(voyage, stage), { groups: true }).groups).toEqual(without);
}

export const transferredName = ({ life }: Voyage): string => life.stages[2]?.names[life.cast.transferred] ?? '';

/** Details of operations that failed at a stage. */
export const complaints = (voyage: Voyage, stage: number): readonly string[] =>
  undone(legAt(voyage, stage)).map(({ detail }) => String(detail));
