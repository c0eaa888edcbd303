import { enterpriseUserSchema } from '../../model/path.ts';
import type { Profile, Quota } from '../../model/profile.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { defaultServerOptions, type ServerOptions } from '../server-options.ts';
import { standardResourceTypes, type ResourceTypeOptions } from '../schema/resource-type.ts';
import { upsert } from '../behaviours/upsert.ts';
import { accountLifecycle } from './accounts.ts';
import { groupPolicy, hideMembers, truncateMembersOnPatch, memberLimits } from './groups.ts';
import { patchStyle } from './patch-style.ts';
import { conflictResponse, requestRequirements, supportsPatch } from './requests.ts';
import { storedValues } from './values.ts';
import { booleansAsText, managerAsText } from './encodings.ts';

/** What an application does by its profile. */
export interface ProfileBehaviour {
  readonly resourceTypeOptions: ResourceTypeOptions;
  /** Where ServiceProviderConfig is; null where it is not served. */
  readonly discoveryPath: string | null;
  readonly options: Partial<ServerOptions>;
  /** In the order in which they meet a request. */
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
 * The words of a profile as behaviour. A word is a contract: what the profile does not say is refused, so that a client that does not keep to it
 * is found out. Where no word protocol, the RFCs do.
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
    // Why a success has to be read again: some of it was left out without a word.
    unknownMembers: protocol.verifyWrites === 'never' ? defaultServerOptions.unknownMembers : 'drop',
    deletionEndsMemberships: protocol.deletionEndsMemberships,
    listing: protocol.listing,
    bulk:
      protocol.bulk === 'offered'
        ? { maxOperations: limits.maxBulkOperations, maxPayloadSize: limits.maxPayloadSize }
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
    memberLimits(profile),
    ...(limits.maxPatchableGroupSize === null ? [] : [truncateMembersOnPatch(limits.maxPatchableGroupSize)]),
    hideMembers(profile),
    accountLifecycle(protocol),
    ...(protocol.reactivation === 'create' && !protocol.deletionIsFinal
      ? [upsert((account) => account['active'] === false)]
      : []),
    storedValues(supports),
    conflictResponse(profile),
  ];
}
