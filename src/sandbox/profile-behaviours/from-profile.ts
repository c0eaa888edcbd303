import { enterpriseUserSchema } from '../../model/path.ts';
import type { Profile, Quota, Supports } from '../../model/profile.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { defaultServerOptions, type ServerOptions } from '../server-options.ts';
import { standardResourceTypes, type ResourceTypeOptions } from '../schema/resource-type.ts';
import { upsert } from '../behaviours/upsert.ts';
import { accountLifecycle } from './accounts.ts';
import { groupPolicy, hideMembers, truncateMembersOnPatch, memberLimits } from './groups.ts';
import { patchStyle } from './patch-style.ts';
import { conflictResponse, requestRequirements, supportsPatch } from './requests.ts';
import { storedValues } from './values.ts';
import { delaySearch } from './consistency.ts';
import { booleansAsText, managerAsText, plainLists } from './encodings.ts';

/** The behaviour of an application as its profile describes it. */
export interface ProfileBehaviour {
  readonly resourceTypeOptions: ResourceTypeOptions;
  /** Path of ServiceProviderConfig; null: not served. */
  readonly discoveryPath: string | null;
  readonly options: Partial<ServerOptions>;
  /** In the order in which they process a request. */
  readonly behaviours: readonly Behaviour[];
  readonly requestsPerSecond: number | undefined;
  readonly quotas: readonly Quota[];
  readonly misbehaviours: readonly number[];
}

const standardBehaviour: ProfileBehaviour = {
  resourceTypeOptions: standardResourceTypes,
  discoveryPath: '/ServiceProviderConfig',
  options: {},
  behaviours: [],
  requestsPerSecond: undefined,
  quotas: [],
  misbehaviours: [],
};

/**
 * Translates the settings of a profile into behaviours. Requests that the profile does not allow are refused, which
 * reveals clients that violate it. Where the profile has no setting, the RFCs apply.
 */
export function behavioursOf(profile: Profile | undefined): ProfileBehaviour {
  if (profile === undefined) return standardBehaviour;
  const { supports, protocol, limits } = profile;
  return {
    resourceTypeOptions: {
      users: protocol.endpoints.users,
      groups: protocol.endpoints.groups,
      enterpriseSchema: supports.enterpriseSchema,
    },
    discoveryPath: protocol.discovery === 'off' ? null : protocol.endpoints.discovery,
    options: serverOptionsOf(profile),
    behaviours: behaviourList(profile),
    requestsPerSecond: limits.requestsPerSecond,
    quotas: limits.quotas,
    misbehaviours: profile.misbehaviours,
  };
}

function serverOptionsOf(profile: Profile): Partial<ServerOptions> {
  const { protocol, limits } = profile;
  return {
    patch: supportsPatch(profile),
    uniqueUserNames: !protocol.allowsDuplicates.includes('User'),
    uniqueDisplayNames: !protocol.allowsDuplicates.includes('Group'),
    etags: protocol.ifMatch !== 'never',
    requireIfMatch: protocol.ifMatch === 'always',
    // A profile that verifies writes describes an application that ignores unknown members.
    unknownMembers: protocol.verifyWrites === 'never' ? defaultServerOptions.unknownMembers : 'drop',
    deletionEndsMemberships: protocol.deletionEndsMemberships,
    listing: protocol.listing,
    bulk:
      protocol.bulk === 'offered'
        ? {
            maxOperations: limits.maxBulkOperations,
            maxPayloadSize: limits.maxPayloadSize,
            methods: protocol.bulkMethods,
          }
        : null,
    defaultPageSize: Math.min(defaultServerOptions.defaultPageSize, limits.pageSize),
    maxPageSize: limits.pageSize,
  };
}

function behaviourList(profile: Profile): readonly Behaviour[] {
  const { supports, protocol, limits } = profile;
  return [
    requestRequirements(profile),
    groupPolicy(profile),
    patchStyle(protocol),
    ...(protocol.booleans === 'json' ? [] : [booleansAsText(protocol.booleans)]),
    ...(protocol.manager === 'reference' ? [] : [managerAsText(supports.enterpriseSchema ?? enterpriseUserSchema)]),
    ...plainListsOf(supports),
    memberLimits(profile),
    ...(limits.maxPatchableGroupSize === null ? [] : [truncateMembersOnPatch(limits.maxPatchableGroupSize)]),
    hideMembers(profile),
    ...(protocol.consistencyDelaySeconds === 0 ? [] : [delaySearch(protocol.consistencyDelaySeconds)]),
    accountLifecycle(protocol),
    ...(protocol.reactivation === 'create' && !protocol.deletionIsFinal
      ? [upsert((account) => account['active'] === false)]
      : []),
    storedValues(supports),
    conflictResponse(profile),
  ];
}

function plainListsOf({ lists }: Supports): readonly Behaviour[] {
  const attributes = Object.keys(lists).filter((attribute) => lists[attribute]?.plain === true);
  return attributes.length === 0 ? [] : [plainLists(attributes)];
}
