import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { company, hire, leave, withoutReports, type Company } from '../world/company.ts';
import { crewOf, crewOfCompany, fleet, type Fleet, type Leg, type Ship } from '../world/fleet.ts';
import { live, requests, undone, type Life } from '../world/life.ts';
import { known, strangers, writes, type Case } from '../world/misbehaviours/case.ts';
import { groups, many } from '../world/misbehaviours/groups.ts';
import { lifeCycle } from '../world/misbehaviours/life-cycle.ts';
import { lists } from '../world/misbehaviours/lists.ts';
import { matching } from '../world/misbehaviours/matching.ts';
import { transport } from '../world/misbehaviours/transport.ts';
import { writing } from '../world/misbehaviours/writes.ts';
import { profileWith } from '../world/profile.ts';

jest.setTimeout(240_000);

/** What makes every pass wait, and has shown all that it shows after three of them. */
const slow = [45, 77];

/** What only a client can do wrong: no application plays it. */
const clients = 71;

const shipOf = ({ number, words = {}, isWord, beside = [], options, settings }: Omit<Case, 'end'>): Ship => ({
  name: `m${number}`,
  written: { extends: 'generic', ...words },
  plays: profileWith({
    ...(isWord === true ? {} : words),
    allows: { ...(isWord === true ? {} : words.allows), requestsPerSecond: 1000 },
  }),
  options: { misbehaviours: [...(number === clients ? [] : [number]), ...beside], ...options },
  ...(settings === undefined ? {} : { settings }),
});

const lives: readonly Case[] = [...matching, ...writing, ...lifeCycle, ...groups, ...transport];
const every = [...lives, ...lists, ...many].map(({ number }) => number).sort((a, b) => a - b);

test('each of the 85 has its test', () => {
  expect(every).toEqual(Array.from({ length: 85 }, (_, at) => at + 1));
});

describe('one misbehaviour each, and the life of a small company', () => {
  let ships: Fleet;
  let life: Life;
  beforeAll(async () => {
    ships = await fleet(lives.map(shipOf));
    for (const { number, seed } of lives) if (seed !== undefined) ships.sandbox(`m${number}`).seed(seed);
    life = await live(ships, {
      lateEmail: true,
      meanwhile: async (names) => {
        for (const { number, forgotten } of lives)
          if (forgotten !== undefined) await ships.forget(`m${number}`, names[forgotten]);
      },
      afterwards: () => {
        for (const number of slow) ships.sandbox(`m${number}`).misbehaviours = [];
      },
    });
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

  test.each(lists.map((one) => [one.number, one.title] as const))(
    '%i: %s: everybody who is there is found, nobody is made twice, no stranger is touched',
    (number) => {
      const [first, second] = passes.map((pass) => pass.get(`m${number}`));
      if (first === undefined || second === undefined) throw new Error('no pass');
      if (number === unreadable) {
        expectNothingGuessed(first);
        return;
      }
      const outcomes = first.operations.filter(({ resource, outcome }) => resource === 'User' && outcome === 'adopted');
      expect(first.operations.filter(({ outcome }) => outcome !== 'done' && outcome !== 'adopted')).toEqual([]);
      expect(outcomes).toHaveLength(25);
      expect(
        first.users
          .filter(({ id }) => !id.startsWith('stranger'))
          .map(({ userName }) => String(userName))
          .sort(),
      ).toEqual([...made.people.values()].map(({ userName }) => userName).sort());
      expect(writes(first.log).filter(({ path }) => path.includes('stranger'))).toEqual([]);
      expect(requests(second)).toEqual([]);
    },
  );
});

/** Whose tokens expire. */
const expiring = 82;

/** Lists of which nothing can be read at all: not even a look-up. */
const unreadable = 15;

/** Whoever was not there is made; whoever may be is refused, and the report says why. */
function expectNothingGuessed({ operations, users, log }: Leg): void {
  const people = operations.filter(({ resource }) => resource === 'User');
  expect(people.filter(({ outcome }) => outcome === 'done')).toHaveLength(5);
  const failed = people.filter(({ outcome }) => outcome === 'failed');
  expect(failed).toHaveLength(25);
  expect(
    failed
      .map(({ detail }) => String(detail))
      .filter((detail) => !/not with a list|results and none of them|no lookup can see it/.test(detail)),
  ).toEqual([]);
  expect(users).toHaveLength(25 + 130 + 5);
  expect(writes(log).filter(({ path }) => path.includes('stranger'))).toEqual([]);
}

describe('many people and a large group', () => {
  let ships: Fleet;
  const legs: { readonly said: readonly string[]; readonly pass: ReadonlyMap<string, Leg> }[] = [];

  beforeAll(async () => {
    ships = await fleet(many.map(shipOf));
    const made = company(463, 125, 1);
    const pass = async (): Promise<void> => {
      legs.push({ pass: await ships.pass(made), said: crewOfCompany(made).groups['Team 1'] ?? [] });
    };
    await pass();
    const [leaver] = withoutReports(made, 1);
    if (leaver === undefined) throw new Error('nobody');
    leave(made, leaver.id);
    hire(made);
    hire(made);
    await pass();
    await pass();
  });
  afterAll(() => ships[Symbol.asyncDispose]());

  test.each(many.map((one) => [one.number, one.title] as const))('%i: %s', (number) => {
    for (const { pass, said } of legs) {
      const leg = pass.get(`m${number}`);
      if (leg === undefined) throw new Error('no pass');
      expect(undone(leg)).toEqual([]);
      expect(crewOf(leg).groups['Team 1']).toEqual(said);
    }
    const last = legs[2]?.pass.get(`m${number}`);
    expect(last === undefined ? undefined : requests(last)).toEqual([]);
    if (number === expiring)
      expect(legs[0]?.pass.get('m82')?.log.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  });
});
