import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { updateMethodOf, type Protocol } from '../model/profile.ts';
import type { Discovery } from './read/discovery.ts';
import { noRefusals, type ConsecutiveRefusals } from './operations/members-result.ts';
import type { MemberPatchStyle } from './encode/member-patch.ts';

/** How an operation is to be said, this time. */
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

/** How a target is spoken to: as its profile says, and where that leaves it open, as discovery and its answers have taught. */
export interface LearnedCapabilities {
  requestStyle(resourceType: ResourceType): RequestStyle;
  applyDiscovery(discovery: Discovery | undefined): void;
  /** PATCH was answered 405 or 501. @returns whether PUT may be tried instead */
  fallBackToPut(resourceType: ResourceType): boolean;
  /** Most memberships in one request, as 413 has taught. */
  readonly maxMembers: number;
  /** So many memberships were too large. */
  reduceMaxMembers(count: number): void;
  /** What is known of a group that takes no members. */
  refusalsOf(group: RemoteId): ConsecutiveRefusals;
  /** Whether a refused create may be tried with less: not where that was no help several times. */
  mayRetryMinimal(): boolean;
  minimalRetryFailed(): void;
  /** It asked for If-Match. @returns whether it may be given */
  requireIfMatch(): boolean;
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
    fallBackToPut(resourceType) {
      if (protocol.update !== 'auto') return false;
      putOnly.add(resourceType);
      return true;
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
    requireIfMatch() {
      hasEtags = true;
      return protocol.ifMatch !== 'never';
    },
  };
}
