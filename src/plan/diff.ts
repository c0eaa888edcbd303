import type { Instant, SourceKey } from '../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import type { LeaverPolicy } from '../model/leaver-policy.ts';
import type { Edit, ResourceOperation } from '../model/operation.ts';
import type { Supports } from '../model/profile.ts';
import { assertNever } from '../model/errors.ts';
import type { FlatResource, Json, LeaverReason, KnownState, DesiredState } from '../model/resource.ts';
import { leaverOperation, describeLeaverReason, leaverAction } from './leavers.ts';
import { diffAttributes, coversPath, type Normalisation } from './attribute-diff.ts';

export interface DiffOptions {
  /** As the application can follow them. */
  readonly leaverPolicy: LeaverPolicy;
  /** The same as the operator wrote them. */
  readonly configuredLeaverPolicy: LeaverPolicy;
  readonly deletionIsFinal: boolean;
  readonly paths: (resourceType: ResourceType) => readonly string[];
  /** What the application can hold, as far as it decides what is a change. */
  readonly supports: Normalisation & Pick<Supports, 'groupsReadOnly' | 'groupNameImmutable' | 'immutableAttributes'>;
}

export interface Comparison {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly desired: DesiredState;
  readonly known: KnownState | undefined;
}

/**
 * What must change for one record at one target.
 *
 *     desired    nothing known   known, active        known, inactive
 *     present    create          update or nothing    reactivate
 *     absent     nothing         see leavers.ts       see leavers.ts
 *     rejected   nothing         nothing              nothing
 */
export function diff(
  { resourceType, key, desired, known }: Comparison,
  options: DiffOptions,
  now: Instant,
): ResourceOperation | undefined {
  switch (desired.kind) {
    case 'rejected':
      return undefined;
    case 'absent':
      return known === undefined ? undefined : planLeaver(known, desired.reason, options, now);
    case 'present':
      if (known === undefined)
        return {
          action: 'create',
          resourceType,
          key,
          name: displayName(resourceType, desired.body),
          reason: 'is new',
          body: desired.body,
        };
      return planUpdate(known, desired.body, options);
    default:
      return assertNever(desired);
  }
}

/** What a person calls a resource. */
export function displayName(resourceType: ResourceType, body: FlatResource): string {
  const name = body[uniqueNameAttribute(resourceType)];
  return typeof name === 'string' ? name : '';
}

function planUpdate(known: KnownState, body: FlatResource, options: DiffOptions): ResourceOperation | undefined {
  const { resourceType, key } = known;
  if (resourceType === 'Group' && options.supports.groupsReadOnly) return undefined;
  const allEdits = diffAttributes(known.body, body, options.paths(resourceType), options.supports, known.inDoubt);
  const applicableEdits = allEdits.filter(({ path }) => !isImmutable(resourceType, path, options));
  const isReturning = resourceType === 'User' && !known.active;
  // A target may have been told `active: false` by an edit of its own; the account's state decides, not the body alone.
  const isActiveInDoubt = resourceType === 'User' && known.inDoubt?.includes('active') === true;
  const edits =
    (isReturning || isActiveInDoubt) && !applicableEdits.some(({ path }) => path === 'active')
      ? [activeEdit(true), ...applicableEdits]
      : applicableEdits;
  if (edits.length === 0) return undefined;
  const reason = isReturning ? 'is back' : `${applicableEdits.map(({ path }) => path).join(', ')} changed`;
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
  };
}

/** What is wished and cannot be had: the application keeps what it has at these paths. */
export function immutableEdits(known: KnownState, body: FlatResource, options: DiffOptions): readonly Edit[] {
  return diffAttributes(
    known.body,
    body,
    options.paths(known.resourceType).filter((path) => isImmutable(known.resourceType, path, options)),
    options.supports,
  );
}

/** Whether the application keeps what it has there, whatever the source says: a group's name at some, a person's at others. */
function isImmutable(resourceType: ResourceType, path: string, { supports }: DiffOptions): boolean {
  return resourceType === 'User'
    ? coversPath(supports.immutableAttributes, path)
    : path === 'displayName' && (supports.groupsReadOnly || supports.groupNameImmutable);
}

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
  switch (leaverOperation(leaverReason, known, options.leaverPolicy, now)) {
    case 'deactivate': {
      const reason =
        leaverAction(leaverReason, options.configuredLeaverPolicy) === 'delete'
          ? `${resource.reason}, and nobody can be deleted at this application`
          : resource.reason;
      return {
        ...resource,
        action: 'deactivate',
        reason,
        edits: [activeEdit(false)],
        body: { ...known.body, active: false },
      };
    }
    case 'delete': {
      const afterRetention =
        leaverAction(leaverReason, options.leaverPolicy) === 'deactivate' ? ', deactivated long enough' : '';
      const irreversible = options.deletionIsFinal ? '; nothing brings the account back at this application' : '';
      return { ...resource, action: 'delete', reason: `${resource.reason}${afterRetention}${irreversible}` };
    }
    case 'nothing':
      return undefined;
  }
}

const activeEdit = (active: boolean): Edit => ({ path: 'active', from: !active, to: active });

/** What the target acknowledged at paths that a mapping no longer names: not compared any more, and not forgotten either. */
function unmanaged(body: FlatResource, paths: readonly string[]): FlatResource {
  return Object.fromEntries(Object.entries(body).filter(([path]) => !paths.includes(path)));
}
