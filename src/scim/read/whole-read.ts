import type { RemoteId } from '../../model/ids.ts';
import { isRemoval, type UpdateOperation } from '../../model/operation.ts';
import type { FlatResource } from '../../model/resource.ts';
import { getIgnoringCase, type JsonObject } from '../../model/scim-json.ts';
import { idReading } from '../absence/prove-missing.ts';
import { mergeEdits } from '../encode/merge-for-put.ts';
import type { MemberRef } from '../encode/references.ts';
import { resourcePath } from '../encode/urls.ts';
import { isAccepted } from '../judge/judge-response.ts';
import { notShownIn, type Acknowledged, type NotShown } from '../judge/judge-whole-read.ts';
import { activeOf, parseResource } from '../judge/parse-resource.ts';
import type { ClientContext, OperationContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import { get } from './get-resource.ts';

/** A write of the whole resource is not sent: the GET before it does not show all that the target acknowledged. */
export interface IncompleteRead {
  readonly kind: 'incompleteRead';
  /** The status of the GET. */
  readonly status: number;
  readonly detail: string;
}

/** More missing members are not read one by one. */
const maxExplained = 10;

/**
 * Completes a GET before a write of the whole resource, or shows that it is not complete.
 *
 *     all acknowledged values are shown                               the GET
 *     a GET with `attributes=…` (RFC 7644 section 3.9) shows them     the GET with these values
 *     the missing members are inactive, gone, or not in this group    the GET (`hasLeft`)
 *     a user loses access                                             the GET, with the known values
 *     otherwise                                                       incomplete
 */
export async function completeRead(
  client: ClientContext,
  context: OperationContext,
  operation: UpdateOperation,
  reading: HttpResult,
  execution: OperationExecution,
): Promise<HttpResult | IncompleteRead> {
  const { remoteId } = context;
  if (!isAccepted(reading) || remoteId === undefined || parseResource(reading.body, [])?.remoteId !== remoteId)
    return reading;
  const acknowledged = acknowledgedOf(context, operation);
  learnShown(client, reading);
  let complete = reading;
  let hidden = hiddenIn(client, context, operation, complete, acknowledged);
  if (hidden.length > 0) {
    complete = await withRequested(client, remoteId, operation, complete, hidden, execution);
    hidden = hiddenIn(client, context, operation, complete, acknowledged);
  }
  if (hidden.length === 0) return complete;
  if (endsAccess(operation)) return withKnown(complete, hidden, acknowledged);
  for (const one of hidden) {
    if (await isExplained(client, remoteId, one, execution)) continue;
    if (one.attribute === 'members' && one.shown > 0) client.capabilities.membersCut(remoteId, one.shown);
    return { kind: 'incompleteRead', status: reading.status, detail: describe(operation, acknowledged, one) };
  }
  return complete;
}

/** Learns that the target shows members, and how many. */
function learnShown({ capabilities, samples }: ClientContext, { body }: Response): void {
  const shown = parseResource(body, [])?.members?.length ?? 0;
  capabilities.membersShown(shown);
  if (shown > 0) samples.markMembersShown();
}

/** What the write must keep: it is not compared with the values that it changes. */
function acknowledgedOf(
  { members = [], knownResource, resolve }: OperationContext,
  operation: UpdateOperation,
): Acknowledged {
  if (operation.resourceType === 'Group') {
    // A known member that is added again is in doubt, and the write contains it.
    const changed = operation.action === 'members' ? [...operation.remove, ...operation.add] : [];
    const changedIds = new Set(changed.map(({ resourceType, key }) => resolve(resourceType, key)));
    return { members: members.filter(({ id }) => !changedIds.has(id)) };
  }
  const changed = 'edits' in operation ? operation.edits.map(({ path }) => path) : [];
  const body: FlatResource = Object.fromEntries(
    Object.entries(knownResource ?? {}).filter(([path]) => !changed.includes(path)),
  );
  return { body };
}

/**
 * An adopted group may have members that no snapshot knows. Without `members` in the answer it may have any, unless the
 * target has shown members before: then it omits an empty list (RFC 7643 section 2.5). A group that an unanswered
 * create of scimsync made is not such a group. A list of the length at which another list ended early may end early,
 * too.
 */
function hiddenIn(
  { samples, capabilities }: ClientContext,
  context: OperationContext,
  { resourceType }: UpdateOperation,
  { body }: Response,
  acknowledged: Acknowledged,
): readonly NotShown[] {
  const listed = parseResource(body, [])?.members;
  const shown = listed?.length ?? 0;
  const isUncertain =
    listed === undefined
      ? context.isAdopted === true && !samples.showsMembers && !isOwnCreate(context, body)
      : shown > 0 && capabilities.isCutAt(shown);
  const hidden = notShownIn(body, acknowledged);
  return resourceType === 'Group' && isUncertain && hidden.length === 0
    ? [{ attribute: 'members', paths: [], members: [], shown }]
    : hidden;
}

/** Whether the target created this group by an earlier request: an unanswered create sent its externalId. */
function isOwnCreate({ mayHaveDuplicates, knownResource }: OperationContext, body: unknown): boolean {
  const externalId = getIgnoringCase(body, 'externalId');
  return mayHaveDuplicates === true && externalId !== undefined && externalId === knownResource?.['externalId'];
}

/** Asks for the attributes by their names: some targets return them only then. */
async function withRequested(
  { transport }: ClientContext,
  id: RemoteId,
  { resourceType }: UpdateOperation,
  reading: Response,
  hidden: readonly NotShown[],
  execution: OperationExecution,
): Promise<Response> {
  const attributes = hidden.map(({ attribute }) => attribute).join(',');
  const request = { method: 'GET', path: resourcePath(resourceType, id), query: { attributes } } as const;
  const result = await transport.sendWithRetry(request, execution);
  if (!isAccepted(result) || parseResource(result.body, [])?.remoteId !== id) return reading;
  const shown = hidden.flatMap(({ attribute }): [string, unknown][] => {
    const value = getIgnoringCase(result.body, attribute);
    return value === undefined ? [] : [[attribute, value]];
  });
  const names = new Set(shown.map(([name]) => name.toLowerCase()));
  const others = Object.entries(reading.body as JsonObject).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...reading, body: Object.fromEntries([...others, ...shown]) };
}

/** The reading with the hidden values as they are known. */
function withKnown(reading: Response, hidden: readonly NotShown[], { body = {} }: Acknowledged): Response {
  const edits = hidden.flatMap(({ paths }) => paths.map((path) => ({ path, to: body[path] ?? null })));
  const meta = getIgnoringCase(reading.body, 'meta');
  const merged = mergeEdits('User', reading.body as object, edits);
  return { ...reading, body: meta === undefined ? merged : { ...merged, meta } };
}

/** Whether all missing members left the group by another way: no list that ends early lacks them. */
async function isExplained(
  client: ClientContext,
  group: RemoteId,
  { members, ...list }: NotShown,
  execution: OperationExecution,
): Promise<boolean> {
  if (members.length === 0 || members.length > maxExplained) return false;
  for (const member of members) if (!(await hasLeft(client, group, member, list, execution))) return false;
  return true;
}

/**
 * Whether a member that a GET of its group lacks has left the group.
 *
 *     the account                     known of the target                              left
 *     is gone, or inactive            any                                              yes
 *     shows `groups`                  any                                              if this group is not among them
 *     shows an empty list, or none    another account shows `groups`                   yes
 *     shows an empty list, or none    groups show members, and this one shows none     yes
 *     shows an empty list             the group shows members                          yes
 *     otherwise                       any                                              not known
 *
 * A target may omit an attribute without a value (RFC 7643 section 2.5).
 */
export async function hasLeft(
  client: Pick<ClientContext, 'transport' | 'samples'>,
  group: RemoteId,
  { member, id }: MemberRef,
  list: Pick<NotShown, 'shown' | 'witness'>,
  execution: OperationExecution,
): Promise<boolean> {
  const result = await get(client.transport, member.resourceType, id, execution);
  const reading = idReading(result, id, []);
  if (reading === 'notFound') return true;
  if ('unavailable' in reading || result.kind !== 'response') return false;
  if (activeOf(result.body) === false) return true;
  const groups = groupsOf(result.body);
  if (groups !== undefined && groups.length > 0) {
    client.samples.markGroupsShown(true);
    return !groups.includes(group);
  }
  if (groups !== undefined && list.shown > 0) return true;
  if (client.samples.showsGroups === true) return true;
  return list.shown === 0 ? client.samples.showsMembers : isGroupShownBy(client, group, list.witness, execution);
}

/** Whether the account of a member that the group shows has the group in its `groups`; read once a pass. */
async function isGroupShownBy(
  { transport, samples }: Pick<ClientContext, 'transport' | 'samples'>,
  group: RemoteId,
  witness: RemoteId | undefined,
  execution: OperationExecution,
): Promise<boolean> {
  if (witness === undefined || samples.showsGroups === false) return false;
  const result = await get(transport, 'User', witness, execution);
  const reading = idReading(result, witness, []);
  if (reading === 'notFound' || 'unavailable' in reading || result.kind !== 'response') return false;
  const isShown = groupsOf(result.body)?.includes(group) === true;
  samples.markGroupsShown(isShown);
  return isShown;
}

/** The ids in the `groups` of an account (RFC 7643 section 4.1.2). */
function groupsOf(account: unknown): readonly string[] | undefined {
  const groups = getIgnoringCase(account, 'groups');
  return Array.isArray(groups) ? groups.map((one) => String(getIgnoringCase(one, 'value') ?? one)) : undefined;
}

const endsAccess = (operation: UpdateOperation): boolean =>
  operation.resourceType === 'User' &&
  (isRemoval(operation) ||
    ('edits' in operation && operation.edits.some(({ path, to }) => path === 'active' && to === false)));

function describe(
  { resourceType }: UpdateOperation,
  { members = [] }: Acknowledged,
  { paths, members: hidden, shown: listLength }: NotShown,
): string {
  const isGroup = resourceType === 'Group';
  const shown = isGroup
    ? hidden.length === 0
      ? `whether the ${listLength} members that a GET shows are all of them is not certain`
      : `a GET shows only ${members.length - hidden.length} of the ${members.length} members ` +
        'that the target acknowledged'
    : `a GET does not show ${paths.join(', ')}, which the target acknowledged`;
  return (
    `not sent: only a write of the whole ${isGroup ? 'group' : 'user'} is left, and ${shown}, so the write would ` +
    `remove what the GET does not show. Make the change in the application, or let it show ` +
    (isGroup ? 'all members' : `this attribute; if it does not store the attribute, take it out of the mapping`)
  );
}
