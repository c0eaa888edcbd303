import type { Instant, SourceKey } from '../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import type { DesiredState, FlatResource, Json, KnownState, LeaverPolicy, LeaverReason } from '../model/resource.ts';
import type { Edit, ResourceOperation } from '../model/operation.ts';
import type { Supports } from '../model/profile.ts';
import { assertNever } from '../model/errors.ts';
import { leaverOperation, describeLeaverReason, leaverAction, mayBeActive } from './leavers.ts';
import { isFormerKey } from './other-person.ts';
import { diffAttributes, coversPath, type Normalisation } from './attribute-diff.ts';

/** Settings of one target that decide which differences become operations. */
export interface DiffOptions {
  /** The configured policy, restricted to what the application supports (`effectiveLeaverPolicy`). */
  readonly leaverPolicy: LeaverPolicy;
  /** The policy as the operator configured it. */
  readonly configuredLeaverPolicy: LeaverPolicy;
  readonly deletionIsFinal: boolean;
  /** Whether the application changes the attributes of an inactive user; by default it does not. */
  readonly writesInactiveUsers?: boolean;
  /** Managed paths of a resource type. */
  readonly paths: (resourceType: ResourceType) => readonly string[];
  /** Restrictions of the application that make a difference invisible or impossible to apply. */
  readonly supports: Normalisation & Pick<Supports, 'groupsReadOnly' | 'groupNameImmutable' | 'immutableAttributes'>;
}

/** Desired and known state of one record at one target. */
export interface Comparison {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly desired: DesiredState;
  readonly known: KnownState | undefined;
  /** The time zone in which the days of a leaver are counted. */
  readonly zone?: string;
}

/**
 * The operation for one record at one target; undefined: no change needed.
 *
 *     desired    nothing known   known, active        known, inactive   known, but missing at the target
 *     present    create          update or nothing    reactivate        create
 *     waiting    create inactive deactivate           update or nothing create inactive
 *     absent     nothing         see leavers.ts       see leavers.ts    see leavers.ts: the target may have it again
 *     rejected   nothing         nothing              nothing           nothing
 */
export function diff(
  { resourceType, key, desired, known, zone }: Comparison,
  options: DiffOptions,
  now: Instant,
): ResourceOperation | undefined {
  switch (desired.kind) {
    case 'rejected':
      return undefined;
    case 'absent':
      return known === undefined ? undefined : planLeaver(known, desired.reason, options, now, zone);
    case 'present':
      if (known === undefined || known.missingSince !== undefined)
        return {
          action: 'create',
          resourceType,
          key,
          name: displayName(resourceType, desired.body),
          reason: createReason(known === undefined, desired.isWaiting === true),
          body: desired.body,
          ...(known === undefined ? {} : { isRecreation: true }),
        };
      return desired.isWaiting === true
        ? planWaiting(known, desired.body, options)
        : planUpdate(known, desired.body, options);
    default:
      return assertNever(desired);
  }
}

/** The name of a resource that operators recognise: userName or displayName; '' without one. */
export function displayName(resourceType: ResourceType, body: FlatResource): string {
  const name = body[uniqueNameAttribute(resourceType)];
  return typeof name === 'string' ? name : '';
}

const createReason = (isNew: boolean, isWaiting: boolean): string =>
  `${isNew ? 'is new' : 'is missing at the target'}${isWaiting ? ', and inactive until the start date' : ''}`;

/** Before the start date the account is inactive; its other attributes follow the source. */
function planWaiting(known: KnownState, body: FlatResource, options: DiffOptions): ResourceOperation | undefined {
  if (mayBeActive(known)) return planLeaver(known, 'notYet', options, 0 as Instant);
  if (!options.writesInactiveUsers) return undefined;
  const update = planUpdate({ ...known, active: true }, { ...body, active: false }, options);
  if (update === undefined || !('edits' in update)) return update;
  const edits = update.edits.filter(({ path }) => path !== 'active');
  return edits.length === 0 ? undefined : { ...update, edits };
}

function planUpdate(known: KnownState, body: FlatResource, options: DiffOptions): ResourceOperation | undefined {
  const { resourceType, key } = known;
  if (resourceType === 'Group' && options.supports.groupsReadOnly) return undefined;
  const allEdits = diffAttributes(known.body, body, options.paths(resourceType), options.supports, known.inDoubt);
  const applicableEdits = allEdits.filter(({ path }) => !isImmutable(resourceType, path, options));
  const isReturning = resourceType === 'User' && !known.active;
  // An earlier edit may have sent `active: false`, so the body alone does not decide: the account's state does.
  const isActiveInDoubt = resourceType === 'User' && known.inDoubt?.includes('active') === true;
  const edits =
    (isReturning || isActiveInDoubt) && !applicableEdits.some(({ path }) => path === 'active')
      ? [activeEdit(true), ...applicableEdits]
      : applicableEdits;
  if (edits.length === 0) return undefined;
  const isStart = isReturning && known.awaitsStart === true;
  const reason = isReturning
    ? isStart
      ? 'has reached the start date'
      : 'is back'
    : `${applicableEdits.map(({ path }) => path).join(', ')} changed`;
  const unmanagedAttributes = unmanaged(known.body, options.paths(resourceType));
  return {
    action: isReturning ? 'reactivate' : 'update',
    resourceType,
    key,
    name: displayName(resourceType, body),
    reason,
    edits,
    body: withImmutable(
      { ...unmanagedAttributes, ...body },
      allEdits.filter((edit) => !applicableEdits.includes(edit)),
    ),
    ...(isStart ? { isStart } : {}),
  };
}

/** Desired edits that the application cannot apply, because these paths are immutable there. */
export function immutableEdits(known: KnownState, body: FlatResource, options: DiffOptions): readonly Edit[] {
  return diffAttributes(
    known.body,
    body,
    options.paths(known.resourceType).filter((path) => isImmutable(known.resourceType, path, options)),
    options.supports,
  );
}

/** Whether a path cannot be changed after the create: displayName of groups, or configured attributes of users. */
function isImmutable(resourceType: ResourceType, path: string, { supports }: DiffOptions): boolean {
  return resourceType === 'User'
    ? coversPath(supports.immutableAttributes, path)
    : path === 'displayName' && (supports.groupsReadOnly || supports.groupNameImmutable);
}

/** The body with the existing values of immutable paths, so that a PUT does not try to change them. */
function withImmutable(body: FlatResource, immutable: readonly Edit[]): FlatResource {
  const result: Record<string, Json> = { ...body };
  for (const { path, from } of immutable) {
    if (from === null) delete result[path];
    else result[path] = from;
  }
  return result;
}

function planLeaver(
  known: KnownState,
  leaverReason: LeaverReason,
  options: DiffOptions,
  now: Instant,
  zone?: string,
): ResourceOperation | undefined {
  const { resourceType, key } = known;
  const resource = {
    resourceType,
    key,
    name: displayName(resourceType, known.body),
    reason: describeLeaverReason(leaverReason),
  };
  if (resourceType === 'Group')
    return options.leaverPolicy.groups === 'delete' && !options.supports.groupsReadOnly
      ? { ...resource, action: 'delete' }
      : undefined;
  const released = releasedExternalId(known, options);
  switch (leaverOperation(leaverReason, known, options.leaverPolicy, now, zone)) {
    case 'deactivate': {
      const reason =
        leaverAction(leaverReason, options.configuredLeaverPolicy) === 'delete'
          ? `${resource.reason}; this application does not support deletion`
          : resource.reason;
      return {
        ...resource,
        action: 'deactivate',
        reason,
        edits: [activeEdit(false), ...released],
        body: { ...known.body, active: false, ...valuesOf(released) },
      };
    }
    case 'delete': {
      const afterRetention =
        leaverAction(leaverReason, options.leaverPolicy) === 'deactivate' ? ', and deleteAfterDays have passed' : '';
      const irreversible = options.deletionIsFinal ? '; this application cannot restore the account' : '';
      return { ...resource, action: 'delete', reason: `${resource.reason}${afterRetention}${irreversible}` };
    }
    case 'nothing':
      return released.length === 0 || !options.writesInactiveUsers
        ? undefined
        : {
            ...resource,
            action: 'update',
            reason: 'the key names another person now',
            edits: released,
            body: { ...known.body, ...valuesOf(released) },
          };
  }
}

/** A leaver whose key names another person now gives up the externalId, by which the target would find two accounts. */
function releasedExternalId({ key, body }: KnownState, { paths }: DiffOptions): readonly Edit[] {
  const from = body['externalId'];
  if (!isFormerKey(key) || typeof from !== 'string' || from === key || !paths('User').includes('externalId')) return [];
  return [{ path: 'externalId', from, to: key }];
}

const valuesOf = (edits: readonly Edit[]): FlatResource => Object.fromEntries(edits.map(({ path, to }) => [path, to]));

const activeEdit = (active: boolean): Edit => ({ path: 'active', from: !active, to: active });

/** Acknowledged values at paths that the mapping no longer contains: not compared, but kept in the body. */
function unmanaged(body: FlatResource, paths: readonly string[]): FlatResource {
  return Object.fromEntries(Object.entries(body).filter(([path]) => !paths.includes(path)));
}
