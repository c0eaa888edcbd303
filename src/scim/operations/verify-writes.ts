import { sourceKey, type RemoteId } from '../../model/ids.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Edit, EditOperation } from '../../model/operation.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import type { ResolveId } from '../encode/references.ts';
import { judgeValues, type Difference, type ValuesVerdict } from '../judge/judge-values.ts';
import { isAccepted } from '../judge/judge-response.ts';
import { parseResource } from '../judge/parse-resource.ts';
import { describeOwner, ownerOf } from '../judge/resource-owner.ts';
import type { ExpectedOwner } from '../absence/prove-missing.ts';
import type { ClientContext, OperationContext } from '../operation-context.ts';
import { get, parseGet } from '../read/get-resource.ts';
import { readBack } from '../read/read-back.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult } from '../transport/message.ts';

/** What the response to a write, and a read after it, prove. */
export interface WriteVerdict {
  readonly evidence: Evidence;
  /** Edits that the target accepted and did not apply. */
  readonly notPersisted: readonly Difference[];
  /** The write was chosen for the sample, and no read answered. */
  readonly isUnread?: true;
  /** The response or the read shows the resource of another record: its name. */
  readonly otherOwner?: string;
}

/**
 * Judges an accepted update by the resource in its response. A GET decides where the response contradicts the update,
 * because some targets respond with the resource as it was before. If that GET fails, the response counts. A GET also
 * follows where the profile or the sample asks for one; if that GET fails, the edits count as applied.
 *
 * @param unsentPaths paths that the request did not contain
 */
export async function verifyUpdate(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  result: HttpResult,
  unsentPaths: readonly string[],
  isSampled: boolean,
  execution: OperationExecution,
): Promise<WriteVerdict> {
  const { resourceType } = operation;
  const { remoteId } = context;
  const edits = sentEdits(operation, unsentPaths, context.resolve);
  const owner = { resourceType, bodies: [context.knownResource, operation.body] };
  const otherOwner = otherOwnerIn(result, remoteId, owner);
  if (otherOwner !== undefined) return { evidence: 'shown', notPersisted: [], otherOwner };
  const verdict = judgeResponse(edits, result, remoteId);
  const evidence: Evidence = verdict.isShown ? 'shown' : 'answered';
  const isReadNeeded = verdict.contradicted.length > 0 || isSampled || isReadBack(client, operation);
  if (!isReadNeeded || remoteId === undefined || edits.length === 0)
    return { evidence, notPersisted: verdict.contradicted };
  const paths = edits.map(({ path }) => path);
  if (isSampled) return readSample(client, { remoteId, edits, paths, owner }, evidence, execution);
  const reading = await get(client.transport, resourceType, remoteId, execution);
  const readOwner = otherOwnerIn(reading, remoteId, owner);
  if (readOwner !== undefined) return { evidence: 'read', notPersisted: [], otherOwner: readOwner };
  const resource = parseGet(reading, remoteId, paths);
  if (resource === 'notFound')
    // Some targets hide inactive accounts; whether another account is gone is a question of its own.
    return { evidence, notPersisted: isDeactivation(operation) ? [] : verdict.contradicted };
  if ('unavailable' in resource) return { evidence, notPersisted: verdict.contradicted };
  return { evidence: 'read', notPersisted: contradictedBy(resource, edits) };
}

interface Sample {
  readonly owner: ExpectedOwner;
  readonly remoteId: RemoteId;
  readonly edits: readonly Edit[];
  readonly paths: readonly string[];
}

/** Reads a write that was chosen for the sample. If no read answers, the response counts. */
async function readSample(
  client: ClientContext,
  { owner, remoteId, edits, paths }: Sample,
  evidence: Evidence,
  execution: OperationExecution,
): Promise<WriteVerdict> {
  let otherOwner: string | undefined;
  const notPersisted = await readBack(
    client,
    execution,
    async (reads) => {
      const result = await get(client.transport, owner.resourceType, remoteId, reads);
      otherOwner = otherOwnerIn(result, remoteId, owner);
      if (otherOwner !== undefined) return [];
      const resource = parseGet(result, remoteId, paths);
      if (resource === 'notFound' || 'unavailable' in resource) return undefined;
      return contradictedBy(resource, edits);
    },
    ({ length }) => length === 0,
  );
  if (otherOwner !== undefined) return { evidence: 'read', notPersisted: [], otherOwner };
  return notPersisted === undefined
    ? { evidence, notPersisted: [], isUnread: true }
    : { evidence: 'read', notPersisted };
}

/**
 * Finds the attributes of a new account that the target accepted and did not persist. If the GET fails, they count as
 * persisted.
 */
export async function findNotPersisted(
  client: ClientContext,
  { remoteId, resolve }: OperationContext,
  operation: EditOperation,
  unsentPaths: readonly string[],
  execution: OperationExecution,
): Promise<readonly Difference[]> {
  if (remoteId === undefined) return [];
  const edits = sentEdits(operation, unsentPaths, resolve);
  const paths = edits.map(({ path }) => path);
  const resource = parseGet(await get(client.transport, operation.resourceType, remoteId, execution), remoteId, paths);
  if (resource === 'notFound' || 'unavailable' in resource) return [];
  return contradictedBy(resource, edits);
}

/** Example: `answered 200, but title is "x", nickName is absent`. */
export const describeNotPersisted = (status: number, notPersisted: readonly Difference[]): string =>
  `answered ${status}, but ${notPersisted.map(({ path, actual }) => `${path} is ${actual}`).join(', ')}`;

/** The name of the record whose resource a result shows under this id, if it is another record. */
function otherOwnerIn(
  result: HttpResult,
  remoteId: RemoteId | undefined,
  { resourceType, bodies }: ExpectedOwner,
): string | undefined {
  if (!isAccepted(result)) return undefined;
  const shown = parseResource(result.body, []);
  const isOther = shown?.remoteId === remoteId && ownerOf(result.body, resourceType, bodies) === 'other';
  return isOther ? describeOwner(result.body, resourceType) : undefined;
}

const nothingShown: ValuesVerdict = { contradicted: [], normalised: [], isShown: false };

/** The response to an update, compared with the update. A response with another resource shows nothing. */
function judgeResponse(edits: readonly Edit[], result: HttpResult, remoteId: RemoteId | undefined): ValuesVerdict {
  if (result.kind !== 'response') return nothingShown;
  const paths = edits.map(({ path }) => path);
  const resource = parseResource(result.body, paths, result.headers);
  if (resource === undefined || resource.remoteId !== remoteId) return nothingShown;
  return judgeValues(edits, withManagerId(resource), 'partial');
}

/** Whether the profile states that a success response of this operation is not reliable. */
export function isReadBack(
  { profile }: Pick<ClientContext, 'profile'>,
  { resourceType, action }: Pick<EditOperation, 'resourceType' | 'action'>,
): boolean {
  const { verifyWrites, deactivation, inactiveUsers } = profile.protocol;
  if (verifyWrites !== 'always' || resourceType === 'Group') return false;
  return action !== 'deactivate' || (deactivation !== 'delete' && inactiveUsers === 'readable');
}

const isDeactivation = ({ resourceType, edits }: EditOperation): boolean =>
  resourceType === 'User' && edits.some(({ path, to }) => path === 'active' && to === false);

/** The edits that a request contained, with references as ids. A target never shows a password. */
const sentEdits = ({ edits }: EditOperation, unsentPaths: readonly string[], resolve: ResolveId): readonly Edit[] =>
  edits
    .filter(({ path }) => !unsentPaths.includes(path) && path !== 'password')
    .map(({ path, from, to }) => ({
      path,
      from: encodedValue(path, from, resolve),
      to: encodedValue(path, to, resolve),
    }));

/** A manager is a source key in an edit, and an account id at the target. */
const encodedValue = (path: string, value: Json, resolve: ResolveId): Json =>
  path === managerPath && typeof value === 'string' ? (resolve('User', sourceKey(value)) ?? value) : value;

const withManagerId = ({ body, manager }: RemoteResource): FlatResource =>
  manager === undefined ? body : { ...body, [managerPath]: manager };

/** The edits that a read shows as not applied. A read without `active` proves nothing about it. */
function contradictedBy(resource: RemoteResource, edits: readonly Edit[]): readonly Difference[] {
  const { active, isActiveHidden } = resource;
  const shown = edits.filter(({ path }) => path !== 'active' || isActiveHidden !== true);
  return judgeValues(shown, { ...withManagerId(resource), active }, 'complete').contradicted;
}
