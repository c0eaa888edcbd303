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

/** A path whose value at the target differs from the value that was sent and accepted. */
export interface NotPersisted {
  readonly path: string;
  /** The current value for the report: `"Nurse"`, or `absent`. */
  readonly actual: string;
}

/**
 * Finds the edits of a user that the target accepted but did not apply, where the profile asks for this check. If the
 * GET fails, the edits count as applied: otherwise every user would be in doubt.
 *
 * @param unsentPaths paths that the request did not contain
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
      : [{ path, actual: actualValues[path] === undefined ? 'absent' : JSON.stringify(actualValues[path]) }],
  );
}

/** A manager is a source key in an edit, and an account id at the target. */
const encodedValue = (path: string, value: Json, resolve: ResolveId): Json =>
  path === managerPath && typeof value === 'string' ? (resolve('User', sourceKey(value)) ?? value) : value;

/** Example: `answered 200, but title is "x", nickName is absent`. */
export const describeNotPersisted = (status: number, notPersisted: readonly NotPersisted[]): string =>
  `answered ${status}, but ${notPersisted.map(({ path, actual }) => `${path} is ${actual}`).join(', ')}`;

/**
 * A successful response to a deactivation that shows the account as active acknowledges nothing, whatever the profile
 * states. Some targets respond with the old resource, so a GET decides. If the GET fails, the account counts as active.
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

/** Whether two values are the same. Targets reformat values, so only letters and digits are compared. */
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
