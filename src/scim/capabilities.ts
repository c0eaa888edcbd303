import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { updateMethodOf, type Protocol } from '../model/profile.ts';
import type { Discovery } from './read/discovery.ts';
import { noRefusals, type ConsecutiveRefusals } from './operations/members-result.ts';
import type { MemberPatchStyle } from './encode/member-patch.ts';
import type { Fallback } from './operations/attempt.ts';

/** How operations are encoded for a target. */
export interface RequestStyle {
  readonly updateMethod: 'patch' | 'put' | 'getThenPut';
  /** Whether `emails[type eq "work"].value` may stand as a path. */
  readonly valuePaths: boolean;
  readonly ifMatch: boolean;
  readonly memberStyle: MemberPatchStyle;
  readonly patchOps: Protocol['patchOps'];
  readonly patchPaths: Protocol['patchPaths'];
  readonly manager: Protocol['manager'];
  readonly deactivation: Protocol['deactivation'];
}

/** Protocol options in effect: the profile's, completed by discovery (ServiceProviderConfig) and by earlier responses. */
export interface LearnedCapabilities {
  requestStyle(resourceType: ResourceType): RequestStyle;
  applyDiscovery(discovery: Discovery | undefined): void;
  /** Whether the profile leaves it open if PATCH or PUT is used. */
  mayUsePut(resourceType: ResourceType): boolean;
  /** A fallback was needed: the requests that follow begin with it where that is known to be right. */
  learn(resourceType: ResourceType, fallback: Fallback['name']): void;
  /** Most memberships in one request, as 413 has taught. */
  readonly maxMembers: number;
  /** So many memberships were too large. */
  reduceMaxMembers(count: number): void;
  /** What is known of a group that takes no members. */
  refusalsOf(group: RemoteId): ConsecutiveRefusals;
  /** Whether a refused create may be tried with less: not where that was no help several times. */
  mayRetryMinimal(): boolean;
  minimalRetryFailed(): void;
}

/** A target that refuses so many people whatever is left out refuses them for something else. */
const maxFailedMinimalRetries = 3;

export function createCapabilities(protocol: Protocol): LearnedCapabilities {
  const putOnly = new Set<ResourceType>();
  let hasEtags = false;
  let isPatchUnsupported = false;
  let maxMembers = Number.POSITIVE_INFINITY;
  let failedMinimalRetries = 0;
  const refusalsByGroup = new Map<RemoteId, ConsecutiveRefusals>();
  return {
    requestStyle(resourceType) {
      const configured = updateMethodOf(protocol, resourceType);
      const automatic = isPatchUnsupported || putOnly.has(resourceType) ? 'put' : 'patch';
      const { valuePaths, patchOps, patchPaths, manager, deactivation } = protocol;
      return {
        updateMethod: configured === 'auto' ? automatic : configured,
        memberStyle: protocol,
        // A value without a path replaces whole attributes.
        valuePaths: valuePaths && patchPaths !== 'nested',
        patchOps,
        patchPaths,
        manager,
        deactivation,
        ifMatch: protocol.ifMatch === 'always' || (protocol.ifMatch === 'auto' && hasEtags),
      };
    },
    applyDiscovery(discovery) {
      isPatchUnsupported = discovery?.patch === false;
      hasEtags = discovery?.etag === true;
    },
    mayUsePut: (resourceType) => updateMethodOf(protocol, resourceType) === 'auto',
    learn(resourceType, fallback) {
      if (fallback === 'putInsteadOfPatch') putOnly.add(resourceType);
      if (fallback === 'freshVersion') hasEtags = true;
    },
    get maxMembers() {
      return maxMembers;
    },
    reduceMaxMembers(count) {
      maxMembers = Math.max(1, Math.min(maxMembers, Math.ceil(count / 2)));
    },
    refusalsOf(group) {
      const refusals = refusalsByGroup.get(group) ?? noRefusals();
      refusalsByGroup.set(group, refusals);
      return refusals;
    },
    mayRetryMinimal: () => failedMinimalRetries < maxFailedMinimalRetries,
    minimalRetryFailed() {
      failedMinimalRetries += 1;
    },
  };
}
