import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { updateMethodOf, type Protocol } from '../model/profile.ts';
import type { Discovery } from './read/discovery.ts';
import { noRefusals, type ConsecutiveRefusals } from './operations/members-result.ts';
import type { MemberPatchStyle } from './encode/member-patch.ts';
import type { Fallback } from './operations/attempt.ts';

/** The protocol options that apply to one request. */
export interface RequestStyle {
  readonly updateMethod: 'patch' | 'put' | 'getThenPut';
  /** Whether PATCH paths may contain a filter: `emails[type eq "work"].value`. */
  readonly valuePaths: boolean;
  readonly ifMatch: boolean;
  readonly memberStyle: MemberPatchStyle;
  readonly patchOps: Protocol['patchOps'];
  readonly patchPaths: Protocol['patchPaths'];
  readonly manager: Protocol['manager'];
  readonly deactivation: Protocol['deactivation'];
}

/**
 * Protocol options in effect: the profile's, completed by discovery (ServiceProviderConfig) and by earlier responses.
 */
export interface LearnedCapabilities {
  requestStyle(resourceType: ResourceType): RequestStyle;
  applyDiscovery(discovery: Discovery | undefined): void;
  /** Whether the profile does not choose between PATCH and PUT. */
  mayUsePut(resourceType: ResourceType): boolean;
  /**
   * Records a fallback that was needed. Later requests start with it where the response proved that the target requires
   * it.
   */
  learn(resourceType: ResourceType, fallback: Fallback['name']): void;
  /** Maximum number of memberships in one request, learned from 413 responses. */
  readonly maxMembers: number;
  /** A request with `count` memberships was too large: halves the maximum. */
  reduceMaxMembers(count: number): void;
  /** The counters of consecutive refusals by one group. */
  refusalsOf(group: RemoteId): ConsecutiveRefusals;
  /** Whether a refused create may be retried with minimal attributes: not after several such retries failed. */
  mayRetryMinimal(): boolean;
  minimalRetryFailed(): void;
}

/** After this number of failed minimal retries, the omitted attributes are not the cause of the refusals. */
const maxFailedMinimalRetries = 3;

/** What the discovery and the responses of one target have shown so far. */
export interface CapabilityState {
  /** The ServiceProviderConfig states that PATCH is not supported. */
  readonly isPatchUnsupported: boolean;
  /** Resource types whose PATCH the target answered with 405 or 501. */
  readonly putOnly: readonly ResourceType[];
  /** If-Match is sent: the ServiceProviderConfig states ETag support, or a response required a version. */
  readonly hasEtags: boolean;
  /** Maximum number of memberships in one request. */
  readonly maxMembers: number;
  readonly failedMinimalRetries: number;
}

/** One observation of the target. */
export type CapabilityEvent =
  | { readonly type: 'discovery'; readonly discovery: Discovery | undefined }
  /** PATCH was answered with 405 or 501, and the profile allows PUT. */
  | { readonly type: 'patchUnsupported'; readonly resourceType: ResourceType }
  /** 412 or 428: the target checks versions (RFC 7644 section 3.14). */
  | { readonly type: 'ifMatchRequired' }
  /** 413 to a request with this many memberships. */
  | { readonly type: 'tooLarge'; readonly members: number }
  /** A create with minimal attributes was rejected as well. */
  | { readonly type: 'minimalRetryFailed' };

/** The state before discovery and before any response. */
export const initialCapabilities: CapabilityState = {
  isPatchUnsupported: false,
  putOnly: [],
  hasEtags: false,
  maxMembers: Number.POSITIVE_INFINITY,
  failedMinimalRetries: 0,
};

/** The state after one more observation. */
export function nextCapabilities(state: CapabilityState, event: CapabilityEvent): CapabilityState {
  switch (event.type) {
    case 'discovery': {
      const { discovery } = event;
      return { ...state, isPatchUnsupported: discovery?.patch === false, hasEtags: discovery?.etag === true };
    }
    case 'patchUnsupported':
      if (state.putOnly.includes(event.resourceType)) return state;
      return { ...state, putOnly: [...state.putOnly, event.resourceType] };
    case 'ifMatchRequired':
      return { ...state, hasEtags: true };
    case 'tooLarge':
      return { ...state, maxMembers: Math.max(1, Math.min(state.maxMembers, Math.ceil(event.members / 2))) };
    case 'minimalRetryFailed':
      return { ...state, failedMinimalRetries: state.failedMinimalRetries + 1 };
  }
}

/** The style of requests for one resource type: the profile decides, and the state where the profile leaves it open. */
export function requestStyleOf(protocol: Protocol, state: CapabilityState, resourceType: ResourceType): RequestStyle {
  const configured = updateMethodOf(protocol, resourceType);
  const automatic = state.isPatchUnsupported || state.putOnly.includes(resourceType) ? 'put' : 'patch';
  const { valuePaths, patchOps, patchPaths, manager, deactivation } = protocol;
  return {
    updateMethod: configured === 'auto' ? automatic : configured,
    memberStyle: protocol,
    // A PATCH value without a path replaces whole attributes.
    valuePaths: valuePaths && patchPaths !== 'nested',
    patchOps,
    patchPaths,
    manager,
    deactivation,
    ifMatch: protocol.ifMatch === 'always' || (protocol.ifMatch === 'auto' && state.hasEtags),
  };
}

/** Starts from the profile alone and keeps the state of one target for one pass. */
export function createCapabilities(protocol: Protocol): LearnedCapabilities {
  let state = initialCapabilities;
  const observe = (event: CapabilityEvent): void => {
    state = nextCapabilities(state, event);
  };
  const refusalsByGroup = new Map<RemoteId, ConsecutiveRefusals>();
  return {
    requestStyle: (resourceType) => requestStyleOf(protocol, state, resourceType),
    applyDiscovery: (discovery) => observe({ type: 'discovery', discovery }),
    mayUsePut: (resourceType) => updateMethodOf(protocol, resourceType) === 'auto',
    learn(resourceType, fallback) {
      if (fallback === 'putInsteadOfPatch') observe({ type: 'patchUnsupported', resourceType });
      if (fallback === 'freshVersion') observe({ type: 'ifMatchRequired' });
    },
    get maxMembers() {
      return state.maxMembers;
    },
    reduceMaxMembers: (count) => observe({ type: 'tooLarge', members: count }),
    refusalsOf(group) {
      const refusals = refusalsByGroup.get(group) ?? noRefusals();
      refusalsByGroup.set(group, refusals);
      return refusals;
    },
    mayRetryMinimal: () => state.failedMinimalRetries < maxFailedMinimalRetries,
    minimalRetryFailed: () => observe({ type: 'minimalRetryFailed' }),
  };
}
