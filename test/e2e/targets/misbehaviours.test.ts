import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, peopleWithoutReports, type Company } from '../../world/company.ts';
import {
  accessOf,
  expectedAccess,
  startParallelSandboxes,
  type ParallelSandboxes,
  type TargetPass,
  type SandboxSetup,
} from '../../world/parallel-sandboxes.ts';
import { runLifecycle, requestLines, unsuccessfulOperations, type Lifecycle } from '../../world/lifecycle.ts';
import { existingUser, unrelatedUsers, writes, type Case } from '../../world/misbehaviours/case.ts';
import { groups, many } from '../../world/misbehaviours/groups.ts';
import { lifeCycle } from '../../world/misbehaviours/life-cycle.ts';
import { lists } from '../../world/misbehaviours/lists.ts';
import { matching } from '../../world/misbehaviours/matching.ts';
import { transport } from '../../world/misbehaviours/transport.ts';
import { writing } from '../../world/misbehaviours/writing.ts';
import { profileWith } from '../../world/profile.ts';

jest.setTimeout(240_000);

/** Misbehaviours that delay every pass. Three passes show their effect, so they are then switched off. */
const blockingMisbehaviours = [45, 77];

/** A mistake of clients, which the sandbox cannot simulate. */
const clientMisbehaviour = 71;

const setupOf = ({
  number,
  profileChanges = {},
  isProfileBehaviour,
  otherMisbehaviours = [],
  options,
  settings,
}: Omit<Case, 'verify'>): SandboxSetup => ({
  name: `m${number}`,
  profileConfig: { extends: 'generic', ...profileChanges },
  profile: profileWith({
    ...(isProfileBehaviour === true ? {} : profileChanges),
    limits: { ...(isProfileBehaviour === true ? {} : profileChanges.limits), requestsPerSecond: 1000 },
  }),
  options: { misbehaviours: [...(number === clientMisbehaviour ? [] : [number]), ...otherMisbehaviours], ...options },
  ...(settings === undefined ? {} : { settings }),
});

/**
 * The first pass lists a target, and a list would show the seeded users before a create does. These cases are about the
 * conflict of a create and its look-up.
 */
const withoutList = (one: Case): Case =>
  one.seed?.users === undefined
    ? one
    : {
        ...one,
        profileChanges: {
          ...one.profileChanges,
          protocol: { listing: 'unreliable', ...one.profileChanges?.protocol },
        },
        // The sandbox lists as before: only the client does not.
        options: { listing: one.profileChanges?.protocol?.listing ?? 'index', ...one.options },
      };

const lifecycleCases: readonly Case[] = [...matching, ...writing, ...lifeCycle, ...groups, ...transport].map(
  withoutList,
);
const allNumbers = [...lifecycleCases, ...lists, ...many].map(({ number }) => number).sort((a, b) => a - b);

test('each of the 85 misbehaviours has a test', () => {
  expect(allNumbers).toEqual(Array.from({ length: 85 }, (_, index) => index + 1));
});

describe('one misbehaviour each over a whole lifecycle', () => {
  let sandboxes: ParallelSandboxes;
  let lifecycle: Lifecycle;
  beforeAll(async () => {
    sandboxes = await startParallelSandboxes(lifecycleCases.map(setupOf));
    for (const { number, seed } of lifecycleCases) if (seed !== undefined) sandboxes.sandbox(`m${number}`).seed(seed);
    lifecycle = await runLifecycle(sandboxes, {
      lateEmail: true,
      beforeThirdStage: async (names) => {
        for (const { number, deletedOutOfBand } of lifecycleCases)
          if (deletedOutOfBand !== undefined) await sandboxes.deleteUser(`m${number}`, names[deletedOutOfBand]);
      },
      afterThirdStage: () => {
        for (const number of blockingMisbehaviours) sandboxes.sandbox(`m${number}`).misbehaviours = [];
      },
    });
  });
  afterAll(() => sandboxes[Symbol.asyncDispose]());

  test.each(lifecycleCases.map((one) => [one.number, one.title, one] as const))(
    '%i: %s',
    (number, _title, { verify }) => {
      const passes = lifecycle.stages
        .map(({ passes: all }) => all.get(`m${number}`))
        .filter((pass) => pass !== undefined);
      verify({ life: lifecycle, passes });
    },
  );
});

describe('incorrect lists, at an application that has accounts for most users', () => {
  let sandboxes: ParallelSandboxes;
  const passes: ReadonlyMap<string, TargetPass>[] = [];
  const company: Company = createCompany(462, 30, 0);
  const before = [...company.people.values()].slice(0, 25).map((_, index) => existingUser(index + 1));

  beforeAll(async () => {
    sandboxes = await startParallelSandboxes(lists.map(setupOf));
    for (const { number } of lists)
      sandboxes.sandbox(`m${number}`).seed({ users: [...before, ...unrelatedUsers(130)] });
    passes.push(await sandboxes.pass(company), await sandboxes.pass(company));
  });
  afterAll(() => sandboxes[Symbol.asyncDispose]());

  test.each(lists.map((one) => [one.number, one.title] as const))(
    '%i: %s: all existing accounts are adopted, no duplicate is created, no unrelated account is changed',
    (number) => {
      const [first, second] = passes.map((pass) => pass.get(`m${number}`));
      if (first === undefined || second === undefined) throw new Error('no pass');
      if (number === unreadable) {
        expectNoGuesses(first);
        return;
      }
      const outcomes = first.operations.filter(({ resource, outcome }) => resource === 'User' && outcome === 'adopted');
      expect(first.operations.filter(({ outcome }) => outcome !== 'done' && outcome !== 'adopted')).toEqual([]);
      expect(outcomes).toHaveLength(25);
      expect(
        first.users
          .filter(({ id }) => !id.startsWith('unrelated'))
          .map(({ userName }) => String(userName))
          .sort(),
      ).toEqual([...company.people.values()].map(({ userName }) => userName).sort());
      expect(writes(first.log).filter(({ path }) => path.includes('unrelated'))).toEqual([]);
      expect(requestLines(second)).toEqual([]);
    },
  );
});

/** Access tokens expire. */
const expiringTokens = 82;

/** No list response can be parsed, not even the response to a lookup. */
const unreadable = 15;

/** Users without an account are created. A create that may duplicate an account is rejected with the reason. */
function expectNoGuesses({ operations, users, log }: TargetPass): void {
  const people = operations.filter(({ resource }) => resource === 'User');
  expect(people.filter(({ outcome }) => outcome === 'done')).toHaveLength(5);
  const failed = people.filter(({ outcome }) => outcome === 'failed');
  expect(failed).toHaveLength(25);
  expect(failed.filter(({ detail }) => typeof detail !== 'string' || detail === '')).toEqual([]);
  expect(users).toHaveLength(25 + 130 + 5);
  expect(writes(log).filter(({ path }) => path.includes('unrelated'))).toEqual([]);
}

describe('many people and a large group', () => {
  let sandboxes: ParallelSandboxes;
  const passes: { readonly members: readonly string[]; readonly pass: ReadonlyMap<string, TargetPass> }[] = [];

  beforeAll(async () => {
    sandboxes = await startParallelSandboxes(many.map(setupOf));
    const company = createCompany(463, 125, 1);
    const pass = async (): Promise<void> => {
      passes.push({ pass: await sandboxes.pass(company), members: expectedAccess(company).groups['Team 1'] ?? [] });
    };
    await pass();
    const [leaver] = peopleWithoutReports(company, 1);
    if (leaver === undefined) throw new Error('there is no such person');
    leave(company, leaver.id);
    hire(company);
    hire(company);
    await pass();
    await pass();
  });
  afterAll(() => sandboxes[Symbol.asyncDispose]());

  test.each(many.map((one) => [one.number, one.title] as const))('%i: %s', (number) => {
    for (const { pass, members } of passes) {
      const targetPass = pass.get(`m${number}`);
      if (targetPass === undefined) throw new Error('no pass');
      expect(unsuccessfulOperations(targetPass)).toEqual([]);
      expect(accessOf(targetPass).groups['Team 1']).toEqual(members);
    }
    const last = passes[2]?.pass.get(`m${number}`);
    expect(last === undefined ? undefined : requestLines(last)).toEqual([]);
    if (number === expiringTokens)
      expect(passes[0]?.pass.get('m82')?.log.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  });
});
