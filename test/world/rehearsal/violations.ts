import { accessOf, activeUserNames, expectedAccess } from '../parallel-sandboxes.ts';
import { actualState, expectedState } from '../state.ts';
import { unrelatedUsers, type RehearsalPass } from './rehearsal.ts';
import type { Resource } from '../../../src/sandbox/sandbox.ts';

/** Requests of a pass that need no operation: discovery, listings and pings. */
const basicRequests = 60;
/** One operation sends no more requests than this: retries, look-ups, fallbacks and verification included. */
const requestsPerOperation = 24;

/** What no application may cause, whatever it supports: each line names the pass, from 1. */
export function safetyViolations(passes: readonly RehearsalPass[]): readonly string[] {
  return [
    ...numbered(passes, openLeaverUnnoticed),
    ...numbered(passes, tooManyRequests),
    ...numbered(passes, duplicates),
    ...numbered(passes, unrelatedChanged),
  ];
}

/**
 * What an application may not cause that can hold the complete desired state.
 *
 * @param invites whether an account that waits for the person counts as in sync
 */
export function convergenceViolations(
  passes: readonly RehearsalPass[],
  { invites = false }: { readonly invites?: boolean | undefined } = {},
): readonly string[] {
  return [...(invites ? [] : numbered(passes, divergenceUnnoticed)), ...notConverged(passes)];
}

type Judge = (pass: RehearsalPass, before: RehearsalPass | undefined) => string | undefined;

const numbered = (passes: readonly RehearsalPass[], judge: Judge): readonly string[] =>
  passes.flatMap((pass, at) => {
    const violation = judge(pass, passes[at - 1]);
    return violation === undefined ? [] : [`pass ${at + 1} (${pass.stage}): ${violation}`];
  });

/** A leaver is open after two passes in a row that report success: the second look did not find the account. */
const openLeaverUnnoticed: Judge = (pass, before) => {
  if (pass.run.code !== 0 || before?.run.code !== 0) return undefined;
  const open = pass.openLeavers.filter((name) => before.openLeavers.includes(name));
  return open.length === 0 ? undefined : `exit code 0 twice, and these leavers are active: ${open.join(', ')}`;
};

const tooManyRequests: Judge = ({ requests, operations }) => {
  const limit = basicRequests + requestsPerOperation * operations.length;
  return requests.length <= limit ? undefined : `${requests.length} requests for ${operations.length} operations`;
};

const duplicates: Judge = ({ users }) => {
  const names = users.map(({ userName }) => String(userName).toLowerCase());
  const repeated = names.filter((name, at) => names.indexOf(name) !== at);
  return repeated.length === 0 ? undefined : `two accounts of ${repeated.join(', ')}`;
};

const unrelatedChanged: Judge = ({ users }) => {
  const changed = unrelatedUsers.filter(({ id: _id, ...expected }) => {
    // By name: some applications change ids.
    const user = users.find(({ userName }) => String(userName).toLowerCase() === expected.userName);
    return Object.entries(expected).some(([name, value]) => user?.[name] !== value && isKept(user, name));
  });
  return changed.length === 0 ? undefined : `unrelated accounts changed: ${changed.map(({ id }) => id).join(', ')}`;
};

/** Some applications never store a title; an account that is missing has lost everything. */
const isKept = (user: Resource | undefined, name: string): boolean =>
  user === undefined || name === 'active' || name === 'userName';

const divergenceUnnoticed: Judge = (pass, before) => {
  if (pass.run.code !== 0 || before?.run.code !== 0 || pass.stage !== before.stage) return undefined;
  const [now, earlier] = [accessDifference(pass), accessDifference(before)];
  return now === undefined || earlier === undefined ? undefined : `exit code 0 twice, and the access differs: ${now}`;
};

function accessDifference({ users, groups, company }: RehearsalPass): string | undefined {
  const access = accessOf({ users: users.filter(isManaged), groups });
  const expected = expectedAccess(company);
  const actual: Readonly<Record<string, readonly string[]>> = { users: activeUserNames(access), ...access.groups };
  const differences = Object.entries({ users: expected.active, ...expected.groups }).flatMap(([name, names]) => [
    ...names.filter((each) => actual[name]?.includes(each) !== true).map((each) => `${name} without ${each}`),
    ...(actual[name] ?? []).filter((each) => !names.includes(each)).map((each) => `${name} with ${each}`),
  ]);
  return differences.length === 0 ? undefined : differences.join('; ');
}

const isManaged = ({ id }: Resource): boolean => !id.startsWith('unrelated');

function notConverged(passes: readonly RehearsalPass[]): readonly string[] {
  const last = passes.at(-1);
  if (last === undefined) return ['no pass'];
  const { run, requests, users, groups, company } = last;
  const asState = (resource: Resource) => ({ id: resource.id, data: resource });
  const actual = actualState(users.filter(isManaged).map(asState), groups.map(asState));
  const expected = expectedState(company);
  const people = [...company.people.keys()];
  const differences = people.flatMap((key) => differenceOf(key, actual.users[key], expected.users[key]));
  const groupDifferences = Object.keys(expected.groups).flatMap((key) =>
    differenceOf(key, withoutUnrelated(actual.groups[key]), expected.groups[key]),
  );
  return [
    ...(run.code === 0 ? [] : [`the last pass has the exit code ${String(run.code)}`]),
    ...(requests.length === 0 ? [] : [`the last pass sends ${requests.length} requests`]),
    ...(last.openLeavers.length === 0 ? [] : [`active at the end: ${last.openLeavers.join(', ')}`]),
    ...differences,
    ...groupDifferences,
  ];
}

/** Members that were added by hand are no difference. */
function withoutUnrelated<T extends { readonly members: readonly string[] }>(group: T | undefined): T | undefined {
  return group === undefined
    ? undefined
    : { ...group, members: group.members.filter((member) => !/unrelated|^x\d$/.test(member)) };
}

function differenceOf(key: string, actual: object | undefined, expected: object | undefined): readonly string[] {
  const [left, right] = [JSON.stringify(sorted(actual)), JSON.stringify(sorted(expected))];
  return left === right ? [] : [`${key} is ${left ?? 'missing'} instead of ${right ?? 'absent'}`];
}

/** Undefined and an empty text are both "no value". */
const sorted = (object: object | undefined): object | undefined =>
  object === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(object)
          .filter(([, value]) => value !== undefined && value !== '')
          .sort(([a], [b]) => a.localeCompare(b)),
      );
