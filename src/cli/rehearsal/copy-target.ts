import type { TargetConfig } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { RemoteId } from '../../model/ids.ts';
import { enterpriseUserSchema, managerPath, pathOf } from '../../model/path.ts';
import type { KnownState } from '../../model/resource.ts';
import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import { getIgnoringCase, isBlank, toScimJson } from '../../model/scim-json.ts';
import { isComplex, type Complex, type Resource } from '../../sandbox/resources/resource.ts';
import type { InProcessSandbox } from '../../sandbox/sandbox.ts';
import { maxCompleteList } from '../../scim/read/shown-members.ts';
import type { TargetReader, WholeResource } from '../../scim/target-reader.ts';
import type { Serving, ServingTarget } from '../../store/store.ts';

/** What was copied from a target. */
export interface CopiedTarget {
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
  /** What the target does not show, and what the state knows that it holds. */
  readonly fromState: { readonly users: number; readonly memberships: number };
  /** Paths of the mapping that no RFC defines and that no account of the target has. */
  readonly unknownPaths: readonly string[];
}

/** What a copy is made of, and where it goes. */
export interface CopyDeps {
  readonly reader: Pick<TargetReader, 'list' | 'get'>;
  /** What the state knows. */
  readonly known: {
    readonly target: Pick<ServingTarget, 'known' | 'listingCache' | 'drift'>;
    readonly serving: Pick<Serving, 'membersOf'>;
  };
  readonly double: Pick<InProcessSandbox, 'copy' | 'define' | 'stored'>;
  /** Whether the memory has room for more accounts. */
  readonly hasRoom: () => boolean;
}

const pageSize = 500;

/**
 * Copies the users and groups of a target to its double, under the same ids. Where the target hides what it holds
 * (inactive users, members), the state knows it.
 *
 * @throws OperatorError if the target does not show all of its users and groups; the reason of `stop`
 */
export async function copyTarget(deps: CopyDeps, target: TargetConfig, stop: AbortSignal): Promise<CopiedTarget> {
  const { double } = deps;
  const { supports } = target.profile;
  const usersFromState = await copyUsers(deps, target, stop);
  const membersFromState = supports.groups ? await copyGroups(deps, target, stop) : 0;
  const groups = [...double.stored('Group')];
  return {
    users: count(double.stored('User')),
    groups: groups.length,
    memberships: groups.reduce((sum, group) => sum + membersOf(group).length, 0),
    fromState: { users: usersFromState, memberships: membersFromState },
    unknownPaths: resourceTypes.flatMap((resourceType) => definePaths(double, target, resourceType)),
  };
}

/** @returns the number of users that only the state knows */
async function copyUsers(
  { reader, known, double, hasRoom }: CopyDeps,
  { name, profile }: TargetConfig,
  stop: AbortSignal,
): Promise<number> {
  const { listingCache, drift } = known.target;
  const { inactiveUsers } = profile.protocol;
  const copyKnown = (account: KnownState): void =>
    double.copy('User', account.remoteId, asShown(known.target, account));
  let fromState = 0;
  await listingCache.clear('User');
  await listAll({ reader, hasRoom }, name, 'User', stop, async (page) => {
    const ids = page.map(({ remoteId }) => remoteId);
    const hidden = inactiveUsers === 'anonymised' ? drift.knownByIds('User', ids) : new Map<RemoteId, KnownState>();
    for (const { remoteId, json } of page) {
      const account = hidden.get(remoteId);
      if (account?.active === false) {
        copyKnown(account);
        fromState += 1;
      } else double.copy('User', remoteId, json);
    }
    await listingCache.add(
      'User',
      ids.map((remoteId) => ({ remoteId, body: {}, active: true })),
    );
  });
  if (inactiveUsers === 'notFound')
    for (let after: number | undefined = 0; after !== undefined;) {
      const { page, next }: Awaited<ReturnType<typeof listingCache.unlisted>> = await listingCache.unlisted(
        'User',
        after,
        pageSize,
      );
      const inactive = page.filter(({ active }) => !active);
      inactive.forEach(copyKnown);
      fromState += inactive.length;
      after = next;
    }
  await listingCache.clear('User');
  return fromState;
}

/** An account of the snapshot in the form of a response. */
function asShown(
  { known }: Pick<ServingTarget, 'known'>,
  { resourceType, body, active, version }: KnownState,
): Complex {
  const { [managerPath]: key, ...rest } = body;
  const manager = typeof key === 'string' ? known('User', key as KnownState['key'])?.remoteId : undefined;
  return {
    ...toScimJson(resourceType, manager === undefined ? rest : { ...rest, [managerPath]: manager }),
    active,
    ...(version === undefined ? {} : { meta: { version } }),
  };
}

/** @returns the number of memberships that only the state knows */
async function copyGroups(
  { reader, known, double, hasRoom }: CopyDeps,
  { name, profile }: TargetConfig,
  stop: AbortSignal,
): Promise<number> {
  const { returnsMembers } = profile.protocol;
  let showsMembers = false;
  const withoutMembers: RemoteId[] = [];
  const copy = ({ remoteId, json }: WholeResource): void => {
    if (isBlank(getIgnoringCase(json, 'members'))) withoutMembers.push(remoteId);
    else showsMembers = true;
    double.copy('Group', remoteId, json);
  };
  await listAll({ reader, hasRoom }, name, 'Group', stop, async (page) => {
    page.forEach(copy);
  });
  // Some targets show the members of a group only where the group is read by itself.
  if (returnsMembers && !showsMembers)
    for (const id of withoutMembers.splice(0)) {
      const group = await reader.get('Group', id, stop);
      stop.throwIfAborted();
      if (group === undefined) throw incomplete(name, 'Group', `the group ${id} is listed, and cannot be read`);
      copy(group);
    }
  const isComplete = (members: readonly Complex[]): boolean =>
    returnsMembers && showsMembers && members.length <= maxCompleteList;
  return addKnownMembers({ known, double }, isComplete);
}

/** Adds the members that the state knows to groups whose list of members may be cut or hidden. */
async function addKnownMembers(
  { known, double }: Pick<CopyDeps, 'known' | 'double'>,
  isComplete: (members: readonly Complex[]) => boolean,
): Promise<number> {
  const groups = [...double.stored('Group')].filter((group) => !isComplete(membersOf(group)));
  let added = 0;
  for (let at = 0; at < groups.length; at += pageSize) {
    const page = groups.slice(at, at + pageSize);
    const owners = known.target.drift.knownByIds(
      'Group',
      page.map(({ id }) => id as RemoteId),
    );
    for (const group of page) {
      const owner = owners.get(group.id as RemoteId);
      if (owner === undefined) continue;
      const shown = membersOf(group);
      const shownIds = new Set(shown.map(({ value }) => value));
      const { members } = await known.serving.membersOf(owner.key, false);
      const missing = members.filter(({ id }) => !shownIds.has(id)).map(({ id }) => ({ value: id }));
      if (missing.length === 0) continue;
      double.copy('Group', group.id, { ...group, members: [...shown, ...missing] });
      added += missing.length;
    }
  }
  return added;
}

/** Its URN differs between applications: the profile decides about it. */
const enterpriseUser = enterpriseUserSchema.toLowerCase();

/** Defines what the mapping writes. @returns the paths that were not defined: no copied account has them */
function definePaths(
  double: CopyDeps['double'],
  { mapping }: TargetConfig,
  resourceType: ResourceType,
): readonly string[] {
  const entries = Object.entries(resourceType === 'User' ? mapping.user : mapping.group);
  return entries
    .filter(([path, value]) => value !== null && pathOf(path).schema?.toLowerCase() !== enterpriseUser)
    .map(([path]) => path)
    .filter((path) => double.define(resourceType, toScimJson(resourceType, { [path]: '' })));
}

/** Lists all resources of a type. @throws OperatorError if it is not complete, or too large */
async function listAll(
  { reader, hasRoom }: Pick<CopyDeps, 'reader' | 'hasRoom'>,
  name: string,
  resourceType: ResourceType,
  stop: AbortSignal,
  take: (page: readonly WholeResource[]) => Promise<void>,
): Promise<void> {
  const pages = reader.list(resourceType, stop);
  for (let step = await pages.next(); ; step = await pages.next()) {
    stop.throwIfAborted();
    if (step.done !== true) {
      if (!hasRoom()) throw tooLarge(name);
      await take(step.value);
      continue;
    }
    if (!step.value.complete) throw incomplete(name, resourceType, step.value.detail ?? 'the listing has no end');
    return;
  }
}

const incomplete = (name: string, resourceType: ResourceType, detail: string): OperatorError =>
  new OperatorError(
    'rehearsal.incomplete',
    `${name}: its ${resourceType === 'User' ? 'users' : 'groups'} cannot be copied: ${detail.replace(/\.$/, '')}. ` +
      'Nothing was changed. A rehearsal needs all of them: "scimsync check" tests the connection',
    1,
  );

const tooLarge = (name: string): OperatorError =>
  new OperatorError(
    'rehearsal.tooLarge',
    `${name}: its users and groups do not fit into the memory of a copy. Nothing was changed. ` +
      'Give it more, in MB: NODE_OPTIONS=--max-old-space-size=8000',
    1,
  );

function membersOf(group: Resource): readonly Complex[] {
  const members = group['members'];
  return Array.isArray(members) ? (members as readonly Complex[]).filter(isComplex) : [];
}

function count(items: Iterable<unknown>): number {
  let total = 0;
  for (const _ of items) total += 1;
  return total;
}
