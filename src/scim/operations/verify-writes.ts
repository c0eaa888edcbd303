import { sourceKey } from '../../model/ids.ts';
import type { EditOperation } from '../../model/operation.ts';
import { managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import type { ClientContext, OperationContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { activeOf } from '../judge/parse-resource.ts';
import type { HttpResult } from '../transport/message.ts';
import { get, parseGet } from '../read/get-resource.ts';
import { decide } from '../judge/judge-response.ts';
import type { ResolveId } from '../encode/references.ts';

/** What a target holds at a path although it was told something else. */
export interface NotPersisted {
  readonly path: string;
  /** In words: `"Nurse"`, or `not there`. */
  readonly actual: string;
}

/**
 * Which edits of a person did not take effect although they were answered by success, where the profile says that this happens. What cannot be read
 * is believed: a doubt for every person would be no help.
 *
 * @param unsentPaths paths that were not said at all
 */
export async function findNotPersisted(
  client: ClientContext,
  { remoteId, resolve }: OperationContext,
  { resourceType, action, edits }: EditOperation,
  unsentPaths: readonly string[],
  execution: OperationExecution,
): Promise<readonly NotPersisted[]> {
  const { verifyWrites, deactivation, inactiveUsers } = client.profile.protocol;
  if (verifyWrites !== 'always' || resourceType === 'Group' || remoteId === undefined) return [];
  if (action === 'deactivate' && (deactivation === 'delete' || inactiveUsers !== 'readable')) return [];
  const sentEdits = edits.filter(({ path }) => !unsentPaths.includes(path) && path !== 'password');
  const getResult = parseGet(
    await get(client.transport, resourceType, remoteId, execution),
    remoteId,
    sentEdits.map(({ path }) => path),
  );
  if (getResult === 'notFound' || 'unavailable' in getResult) return [];
  const actualValues: FlatResource = {
    ...getResult.body,
    ...(sentEdits.some(({ path }) => path === 'active') ? { active: getResult.active } : {}),
    ...(getResult.manager === undefined ? {} : { [managerPath]: getResult.manager }),
  };
  return sentEdits.flatMap(({ path, to }) =>
    isEquivalent(actualValues[path], encodedValue(path, to, resolve))
      ? []
      : [{ path, actual: actualValues[path] === undefined ? 'not there' : JSON.stringify(actualValues[path]) }],
  );
}

/** A manager is a key here and the id of an account at the target. */
const encodedValue = (path: string, value: Json, resolve: ResolveId): Json =>
  path === managerPath && typeof value === 'string' ? (resolve('User', sourceKey(value)) ?? value) : value;

/** "answered 200, and yet title is "x", nickName is not there". */
export const describeNotPersisted = (status: number, notPersisted: readonly NotPersisted[]): string =>
  `answered ${status}, and yet ${notPersisted.map(({ path, actual }) => `${path} is ${actual}`).join(', ')}`;

/**
 * An answer of success that shows the account open, whose closing it answers, is no acknowledgement, whatever the profile says. Some show what was
 * there before, so it is read once more; where that cannot be had, the answer counts.
 */
export async function findStillActive(
  client: ClientContext,
  { remoteId }: OperationContext,
  { resourceType, edits }: EditOperation,
  result: HttpResult,
  execution: OperationExecution,
): Promise<readonly NotPersisted[]> {
  const isDeactivation = resourceType === 'User' && edits.some(({ path, to }) => path === 'active' && to === false);
  if (!isDeactivation || remoteId === undefined || result.kind !== 'response' || activeOf(result.body) !== true)
    return [];
  const getResult = await get(client.transport, resourceType, remoteId, execution);
  const decision = decide(getResult);
  const isInactive =
    decision === 'notFound' ||
    (decision === 'accept' && getResult.kind === 'response' && activeOf(getResult.body) !== true);
  return isInactive ? [] : [{ path: 'active', actual: 'true' }];
}

/** Targets put values into a form of their own: letters and digits tell whether it is the same one. */
export function isEquivalent(actual: Json | undefined, expected: Json): boolean {
  if (expected === null || actual === undefined || actual === null) return (actual ?? null) === expected;
  if (Array.isArray(expected)) {
    const list: readonly Json[] = Array.isArray(actual) ? (actual as readonly Json[]) : [actual];
    return (expected as readonly Json[]).every((each) => list.some((item) => isEquivalent(item, each)));
  }
  if (typeof expected === 'object') {
    return (
      typeof actual === 'object' &&
      Object.entries(expected).every(([name, value]) =>
        isEquivalent((actual as Readonly<Record<string, Json>>)[name], value),
      )
    );
  }
  return typeof actual !== 'object' && alphanumeric(actual) === alphanumeric(expected);
}

const alphanumeric = (value: string | number | boolean): string =>
  String(value)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
