import type { RemoteId } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { updateMethodOf, type Protocol } from '../model/profile.ts';
import type { Discovery } from './read/discovery.ts';
import { noRefusals, type ConsecutiveRefusals } from './operations/members-result.ts';
import type { MemberPatchStyle } from './encode/member-patch.ts';
import type { ScimRequest } from './transport/message.ts';
import { memberActions, type WriteSamples } from './write-samples.ts';

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
  /** The target accepted a request. */
  accepted(resourceType: ResourceType, method: ScimRequest['method']): void;
  /** The target answered PATCH of this resource with 405 or 501. */
  patchUnsupported(resourceType: ResourceType, id: RemoteId): void;
  /** 412 or 428: the target checks versions. */
  ifMatchRequired(): void;
  /** A request was accepted only without If-Match. */
  ifMatchRefused(): void;
  /** Maximum number of memberships in one request, learned from 413 responses. */
  readonly maxMembers: number;
  /** A request with `count` memberships was too large: halves the maximum. */
  reduceMaxMembers(count: number): void;
  /** The counters of consecutive refusals by one group. */
  refusalsOf(group: RemoteId): ConsecutiveRefusals;
  /** Whether a refused create may be sent again with fewer attributes: not after several in a row were refused. */
  mayCreateSmaller(): boolean;
  smallerCreateEnded(isAccepted: boolean): void;
  /** Whether a refused update may be sent in parts, under the same condition. */
  maySplit(): boolean;
  splitEnded(isAccepted: boolean): void;
}

/** After this number of records in a row that were refused also in parts, the attributes are not the cause. */
const maxRefusedInParts = 5;

/** What the discovery and the responses of one target have shown so far. */
export interface CapabilityState {
  /** The ServiceProviderConfig states that PATCH is not supported. */
  readonly isPatchUnsupported: boolean;
  /** Resource types that the target updates only by PUT. */
  readonly putOnly: readonly ResourceType[];
  /** The resource whose PATCH was last answered with 405 or 501, unless a PATCH was accepted since then. */
  readonly patchUnsupportedFor: Readonly<Partial<Record<ResourceType, RemoteId>>>;
  /** The target refuses versions that it returned itself, so If-Match is not sent. */
  readonly isIfMatchRefused: boolean;
  /** If-Match is sent: the ServiceProviderConfig states ETag support, or a response required a version. */
  readonly hasEtags: boolean;
  /** Maximum number of memberships in one request. */
  readonly maxMembers: number;
  /** Number of creates that were refused also with fewer attributes, since the last one that was accepted. */
  readonly refusedSmallerCreates: number;
  /** The same for updates that were sent in parts. */
  readonly refusedSplits: number;
}

/** One observation of the target. */
export type CapabilityEvent =
  | { readonly type: 'discovery'; readonly discovery: Discovery | undefined }
  /** PATCH of this resource was answered with 405 or 501. */
  | { readonly type: 'patchUnsupported'; readonly resourceType: ResourceType; readonly id: RemoteId }
  | { readonly type: 'patchAccepted'; readonly resourceType: ResourceType }
  /** A request was refused with If-Match, and accepted without. */
  | { readonly type: 'ifMatchRefused' }
  /** 412 or 428: the target checks versions (RFC 7644 section 3.14). */
  | { readonly type: 'ifMatchRequired' }
  /** 413 to a request with this many memberships. */
  | { readonly type: 'tooLarge'; readonly members: number }
  /** A refused create was sent again with fewer attributes. */
  | { readonly type: 'smallerCreate'; readonly isAccepted: boolean }
  /** A refused update was sent in parts. */
  | { readonly type: 'split'; readonly isAccepted: boolean };

/** The state before discovery and before any response. */
export const initialCapabilities: CapabilityState = {
  isPatchUnsupported: false,
  putOnly: [],
  patchUnsupportedFor: {},
  isIfMatchRefused: false,
  hasEtags: false,
  maxMembers: Number.POSITIVE_INFINITY,
  refusedSmallerCreates: 0,
  refusedSplits: 0,
};

/** The state after one more observation. */
export function nextCapabilities(state: CapabilityState, event: CapabilityEvent): CapabilityState {
  switch (event.type) {
    case 'discovery': {
      const { discovery } = event;
      return { ...state, isPatchUnsupported: discovery?.patch === false, hasEtags: discovery?.etag === true };
    }
    case 'patchUnsupported': {
      // A gateway may answer so once. Two resources in a row show that it is the application.
      const { resourceType, id } = event;
      const previous = state.patchUnsupportedFor[resourceType];
      const isRepeated = previous !== undefined && previous !== id && !state.putOnly.includes(resourceType);
      return {
        ...state,
        patchUnsupportedFor: { ...state.patchUnsupportedFor, [resourceType]: id },
        putOnly: isRepeated ? [...state.putOnly, resourceType] : state.putOnly,
      };
    }
    case 'patchAccepted': {
      const { [event.resourceType]: _, ...patchUnsupportedFor } = state.patchUnsupportedFor;
      return { ...state, patchUnsupportedFor };
    }
    case 'ifMatchRefused':
      return { ...state, isIfMatchRefused: true };
    case 'ifMatchRequired':
      return { ...state, hasEtags: true };
    case 'tooLarge':
      return { ...state, maxMembers: Math.max(1, Math.min(state.maxMembers, Math.ceil(event.members / 2))) };
    case 'split':
      return { ...state, refusedSplits: event.isAccepted ? 0 : state.refusedSplits + 1 };
    case 'smallerCreate':
      return { ...state, refusedSmallerCreates: event.isAccepted ? 0 : state.refusedSmallerCreates + 1 };
  }
}

/** The style of requests for one resource type: the profile decides, and the state where the profile leaves it open. */
export function requestStyleOf(protocol: Protocol, state: CapabilityState, resourceType: ResourceType): RequestStyle {
  const configured = updateMethodOf(protocol, resourceType);
  const automatic = state.isPatchUnsupported || state.putOnly.includes(resourceType) ? 'getThenPut' : 'patch';
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
    ifMatch:
      protocol.ifMatch === 'always' || (protocol.ifMatch === 'auto' && state.hasEtags && !state.isIfMatchRefused),
  };
}

/** Starts from the profile alone and keeps the state of one target for one pass. */
export function createCapabilities(
  protocol: Protocol,
  samples: Pick<WriteSamples, 'isContradicted'> = { isContradicted: () => false },
): LearnedCapabilities {
  let state = initialCapabilities;
  const observe = (event: CapabilityEvent): void => {
    state = nextCapabilities(state, event);
  };
  const refusalsByGroup = new Map<RemoteId, ConsecutiveRefusals>();
  return {
    requestStyle(resourceType) {
      const style = requestStyleOf(protocol, state, resourceType);
      const isPatchIgnored =
        style.updateMethod === 'patch' &&
        updateMethodOf(protocol, resourceType) === 'auto' &&
        samples.isContradicted({ resourceType, action: 'update', method: 'PATCH', isBulk: false });
      const isAdditionWrong = memberActions.some((action) =>
        samples.isContradicted({ resourceType, action, method: 'PATCH', isBulk: false }),
      );
      // Members are read and written as a whole by one `replace`.
      if (isAdditionWrong && protocol.returnsMembers && !isPatchIgnored)
        return { ...style, memberStyle: { ...style.memberStyle, addMembers: 'replace' } };
      // The target accepts PATCH without effect: the resource is read, changed and written as a whole.
      return isPatchIgnored ? { ...style, updateMethod: 'getThenPut' } : style;
    },
    applyDiscovery: (discovery) => observe({ type: 'discovery', discovery }),
    mayUsePut: (resourceType) => updateMethodOf(protocol, resourceType) === 'auto',
    accepted(resourceType, method) {
      if (method === 'PATCH') observe({ type: 'patchAccepted', resourceType });
    },
    patchUnsupported: (resourceType, id) => observe({ type: 'patchUnsupported', resourceType, id }),
    ifMatchRequired: () => observe({ type: 'ifMatchRequired' }),
    ifMatchRefused: () => observe({ type: 'ifMatchRefused' }),
    get maxMembers() {
      return state.maxMembers;
    },
    reduceMaxMembers: (count) => observe({ type: 'tooLarge', members: count }),
    refusalsOf(group) {
      const refusals = refusalsByGroup.get(group) ?? noRefusals();
      refusalsByGroup.set(group, refusals);
      return refusals;
    },
    mayCreateSmaller: () => state.refusedSmallerCreates < maxRefusedInParts,
    smallerCreateEnded: (isAccepted) => observe({ type: 'smallerCreate', isAccepted }),
    maySplit: () => state.refusedSplits < maxRefusedInParts,
    splitEnded: (isAccepted) => observe({ type: 'split', isAccepted }),
  };
}
