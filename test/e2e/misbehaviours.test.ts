import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { company, type Company } from '../world/company.ts';
import { fleet, type Fleet, type Leg, type Ship } from '../world/fleet.ts';
import { live, requests, type Life } from '../world/life.ts';
import { known, strangers, writes, type Case } from '../world/misbehaviours/case.ts';
import { groups } from '../world/misbehaviours/groups.ts';
import { lifeCycle } from '../world/misbehaviours/life-cycle.ts';
import { lists } from '../world/misbehaviours/lists.ts';
import { matching } from '../world/misbehaviours/matching.ts';
import { transport } from '../world/misbehaviours/transport.ts';
import { writing } from '../world/misbehaviours/writes.ts';
import { profileWith } from '../world/profile.ts';

jest.setTimeout(240_000);

/** What only a client can do wrong: no application plays it. */
const clients = 71;

const shipOf = ({ number, words = {}, beside = [], options, settings }: Omit<Case, 'end'>): Ship => ({
  name: `m${number}`,
  written: { extends: 'generic', ...words },
  plays: profileWith({ ...words, allows: { ...words.allows, requestsPerSecond: 1000 } }),
  options: { misbehaviours: [...(number === clients ? [] : [number]), ...beside], ...options },
  ...(settings === undefined ? {} : { settings }),
});

const lives: readonly Case[] = [...matching, ...writing, ...lifeCycle, ...groups, ...transport];
const every = [...lives, ...lists].map(({ number }) => number).sort((a, b) => a - b);

test('each of the 85 has its test', () => {
  expect(every).toEqual(Array.from({ length: 85 }, (_, at) => at + 1));
});

describe('one misbehaviour each, and the life of a small company', () => {
  let ships: Fleet;
  let life: Life;
  beforeAll(async () => {
    ships = await fleet(lives.map(shipOf));
    for (const { number, seed } of lives) if (seed !== undefined) ships.sandbox(`m${number}`).seed(seed);
    life = await live(ships, { lateEmail: true });
  });
  afterAll(() => ships[Symbol.asyncDispose]());

  test.each(lives.map((one) => [one.number, one.title, one] as const))('%i: %s', (number, _title, { end }) => {
    const legs = life.stages.map(({ legs: all }) => all.get(`m${number}`)).filter((leg) => leg !== undefined);
    end({ life, legs });
  });
});

describe('lists that lie, at an application that knows most people already', () => {
  let ships: Fleet;
  const passes: ReadonlyMap<string, Leg>[] = [];
  const made: Company = company(462, 30, 0);
  const before = [...made.people.values()].slice(0, 25).map((_, at) => known(at + 1));

  beforeAll(async () => {
    ships = await fleet(lists.map(shipOf));
    for (const { number } of lists) ships.sandbox(`m${number}`).seed({ users: [...before, ...strangers(130)] });
    passes.push(await ships.pass(made), await ships.pass(made));
  });
  afterAll(() => ships[Symbol.asyncDispose]());

  test.each(lists.map((one) => [one.number, one.title] as const))('%i: %s: everybody who is there is found, nobody is made twice, no stranger is touched', (number) => {
    const [first, second] = passes.map((pass) => pass.get(`m${number}`));
    if (first === undefined || second === undefined) throw new Error('no pass');
    const outcomes = first.operations.filter(({ resource, outcome }) => resource === 'User' && outcome === 'adopted');
    expect(first.operations.filter(({ outcome }) => outcome !== 'done' && outcome !== 'adopted')).toEqual([]);
    expect(outcomes).toHaveLength(25);
    expect(first.users.filter(({ id }) => !id.startsWith('stranger')).map(({ userName }) => String(userName)).sort()).toEqual([...made.people.values()].map(({ userName }) => userName).sort());
    expect(writes(first.log).filter(({ path }) => path.includes('stranger'))).toEqual([]);
    expect(requests(second)).toEqual([]);
  });
});
