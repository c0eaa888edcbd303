import { enterpriseUserSchema } from '../../../src/model/path.ts';
import type { Resource } from '../../../src/sandbox/sandbox.ts';
import type { Company } from '../company.ts';
import { lostAdditions, membersOf, type Addition } from './by-hand.ts';
import type { AdversaryServer } from './server.ts';

/** One pass, with the server's own state around it. */
export interface PassFacts {
  readonly title: string;
  readonly code: number;
  readonly requests: number;
  /** One line for each operation that was reported. */
  readonly operations: readonly string[];
  readonly before: readonly Resource[];
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
  /** Keys of the users who should have an account. */
  readonly entitled: ReadonlySet<string>;
  readonly additions: readonly Addition[];
  /** Ids of resources that were deleted by hand: a group may still have them as members. */
  readonly deletedByHand: ReadonlySet<string>;
}

/** Requests of a pass that need no operation: discovery, listings, reads of accounts in doubt, and pings. */
const basicRequests = 60;
/** One operation sends no more requests than this: retries, look-ups, fallbacks and verification included. */
const requestsPerOperation = 24;

export const isActive = ({ active }: Resource): boolean => active !== false;
const keyOf = ({ externalId }: Resource): string => (typeof externalId === 'string' ? externalId : '');
const isOtherAccount = (user: Resource): boolean => String(user['userName'] ?? user['displayName']).startsWith('other');

/** Judges the passes of one history in their order. @returns what is wrong with a pass */
export function createPassJudge(server: AdversaryServer): (facts: PassFacts) => readonly string[] {
  const otherAccounts = otherAccountsOf(server);
  let previous: PassFacts | undefined;
  return (facts) => {
    const violations = [
      ...openLeavers(facts, previous),
      ...lostAccounts(facts, previous),
      ...(otherAccountsOf(server) === otherAccounts ? [] : ['other accounts changed']),
      ...lostAdditions(facts.additions, server).map((one) => `lost what was added by hand: ${JSON.stringify(one)}`),
      ...tooManyRequests(facts),
    ];
    previous = facts;
    return violations.map((text) => `${facts.title}: ${text}`);
  };
}

function otherAccountsOf(server: AdversaryServer): string {
  const groups = server.groups().filter(({ displayName }) => displayName === 'Others');
  return JSON.stringify(
    [...server.users().filter(isOtherAccount), ...groups].map(({ meta: _, groups: _groups, ...rest }) => rest),
  );
}

/** A leaver is open after two passes in a row that report success: the second look did not find the account. */
function openLeavers(facts: PassFacts, previous: PassFacts | undefined): readonly string[] {
  if (facts.code !== 0 || previous?.code !== 0) return [];
  const before = new Set(openLeaverAccounts(previous).map(({ id }) => id));
  return openLeaverAccounts(facts)
    .filter(({ id }) => before.has(id))
    .map((user) => `exit code 0 twice, and the leaver ${keyOf(user)} is active (${user.id})`);
}

const openLeaverAccounts = ({ users, entitled }: PassFacts): readonly Resource[] =>
  users.filter((user) => isActive(user) && /^p\d/.test(keyOf(user)) && !entitled.has(keyOf(user)));

/** A user who should have access before and after the pass has lost the active account. */
function lostAccounts({ before, users, entitled }: PassFacts, previous: PassFacts | undefined): readonly string[] {
  const active = new Set(users.filter(isActive).map(keyOf));
  const lost = before
    .filter(isActive)
    .map(keyOf)
    .filter((key) => entitled.has(key) && previous?.entitled.has(key) === true && !active.has(key));
  return [...new Set(lost)].map((key) => `${key} lost the account`);
}

function tooManyRequests({ requests, operations }: PassFacts): readonly string[] {
  const limit = basicRequests + requestsPerOperation * operations.length;
  return requests <= limit ? [] : [`${requests} requests for ${operations.length} operations`];
}

/**
 * What is wrong once the faults have ended. Where the server made several accounts of one externalId, the pass may
 * fail: scimsync does not guess which one is meant, and names them.
 *
 * @param full a pass that compares all records
 */
export function recoveryViolations(last: PassFacts, full: PassFacts): readonly string[] {
  if (last.code !== 0 && last.operations.some((line) => /accounts at the target have externalId/.test(line))) return [];
  return [
    ...(last.code === 0 ? [] : [`the last pass has the exit code ${last.code}`]),
    ...(last.requests === 0 ? [] : [`the last pass sends ${last.requests} requests`]),
    ...openLeaverAccounts(last).map((user) => `the leaver ${keyOf(user)} is active at the end (${user.id})`),
    ...(full.requests === 0 ? [] : [`a full pass sends ${full.requests} requests: ${full.operations.join('; ')}`]),
  ];
}

/** The differences between the server and the source once the faults have ended. */
export const differences = (last: PassFacts, company: Company): readonly string[] => [
  ...differingUsers(last, company),
  ...differingGroups(last, company),
];

/**
 * A user may have further accounts from creates in doubt; one is as it should be. If a manager without access got
 * another id by hand, no request has a reason to name that account, so a reference to the old id is unseen.
 */
function differingUsers({ users, entitled, deletedByHand }: PassFacts, { people }: Company): readonly string[] {
  const keys = new Map(users.map((user) => [user.id, keyOf(user)]));
  const withAccount = new Set(keys.values());
  return [...entitled].flatMap((key) => {
    const person = people.get(key);
    const manager = person?.manager !== undefined && withAccount.has(person.manager) ? person.manager : undefined;
    const expected = JSON.stringify([person?.userName, person?.department, manager ?? null]);
    const accounts = users
      .filter((user) => keyOf(user) === key && isActive(user))
      .map((user) => {
        const extension = user[enterpriseUserSchema] as { readonly manager?: { readonly value?: string } } | undefined;
        const id = extension?.manager?.value ?? '';
        const isUnseen = manager !== undefined && !entitled.has(manager) && deletedByHand.has(id);
        return JSON.stringify([user['userName'], user['title'], isUnseen ? manager : (keys.get(id) ?? null)]);
      });
    return accounts.includes(expected) ? [] : [`${key} is ${accounts.join(' and ')} instead of ${expected}`];
  });
}

function differingGroups(facts: PassFacts, { groups }: Company): readonly string[] {
  const keys = new Map([...facts.users, ...facts.groups].map((resource) => [resource.id, keyOf(resource)]));
  const stateOf = (group: Resource): string =>
    JSON.stringify([
      group['displayName'],
      [
        ...new Set(
          membersOf(group)
            .filter((id) => !facts.deletedByHand.has(id))
            .map((id) => keys.get(id) ?? `dangling ${id}`),
        ),
      ]
        .filter((key) => /^p\d|dangling/.test(key))
        .sort(),
    ]);
  const expected = [...groups].flatMap(([key, { name, members }]) => {
    const wanted = JSON.stringify([name, [...members].filter((member) => facts.entitled.has(member)).sort()]);
    const actual = facts.groups.filter((group) => keyOf(group) === key).map(stateOf);
    return actual.includes(wanted) ? [] : [`${key} is ${actual.join(' and ')} instead of ${wanted}`];
  });
  const leftOver = facts.groups.filter((group) => /^g\d/.test(keyOf(group)) && !groups.has(keyOf(group)));
  return [...expected, ...leftOver.map((group) => `the group ${keyOf(group)} remains`)];
}
