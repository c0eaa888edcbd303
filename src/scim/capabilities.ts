import type { RemoteId } from '../model/ids.ts';
import type { FactName, LearnedFact } from '../model/target/learned-fact.ts';
import { isRemoval, type UpdateOperation } from '../model/operation.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { updateMethodOf, type Protocol } from '../model/profile.ts';
import type { Discovery } from './read/discovery.ts';
import type { MemberPatchStyle } from './encode/member-patch.ts';
import { createGroupRefusals, type GroupRefusals } from './learned/group-refusals.ts';
import type { LearnedFacts } from './learned/learned-facts.ts';
import { bulkRefused } from './learned/bulk-limits.ts';
import { createSizeLimit, type SizeLimit } from './learned/size-limit.ts';
import type { ActiveShown } from './judge/judge-removal.ts';
import type { ScimRequest } from './transport/message.ts';
import { memberActions, type WriteForm, type WriteSamples } from './write-samples.ts';

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
  /** The style of this operation: once a day, one operation tries what the target refused before. */
  styleOf(operation: UpdateOperation): RequestStyle;
  applyDiscovery(discovery: Discovery | undefined): void;
  /** Whether the profile does not choose between PATCH and PUT. */
  mayUsePut(resourceType: ResourceType): boolean;
  /** The target accepted an update. @param hasIfMatch whether the request contained If-Match */
  accepted(resourceType: ResourceType, method: ScimRequest['method'], hasIfMatch: boolean): void;
  /** The target answered PATCH of this resource with 405 or 501. */
  patchUnsupported(resourceType: ResourceType, id: RemoteId, status: number): void;
  /** 412 or 428 to a request without If-Match: the target checks versions. */
  ifMatchRequired(id: RemoteId, status: number): void;
  /** A request was accepted only without If-Match. @param status the refusal of the request with If-Match */
  ifMatchRefused(id: RemoteId, status: number): void;
  /** The refusals of DELETE for resources of this type, where this operation does not send DELETE. */
  deletionRefused(resourceType: ResourceType): LearnedFact | undefined;
  /** The target answered DELETE of this resource with this status; `ok`: it deleted the resource. */
  deletionAnswered(resourceType: ResourceType, id: RemoteId, status: number | 'ok'): void;
  /** The target refused an operation inside Bulk with this status, and accepted it outside. */
  bulkRefused(status: number): void;
  /** The maximum number of memberships in one request. */
  readonly membersPerRequest: SizeLimit;
  /** Maximum number of operations in a PATCH that has several; once a day, one update tries more than one again. */
  operationsPerPatch(operation: UpdateOperation): number;
  /** A PATCH with several operations of this resource was applied in part; sent one by one, more of it was applied. */
  operationsIgnored(resourceType: ResourceType, id: RemoteId): void;
  /** A read showed all operations of a PATCH. */
  operationsApplied(resourceType: ResourceType): void;
  /** The target did not apply these paths either when each was sent by itself: the form is not the cause. */
  ignoredSingly(resourceType: ResourceType, paths: readonly string[]): void;
  isIgnoredSingly(resourceType: ResourceType, path: string): boolean;
  /** Whether a read follows the next PATCH with several operations, because one update tries them again. */
  triesOperations(resourceType: ResourceType): boolean;
  /** Whether a GET of some group showed this number of its members and no more. */
  isCutAt(length: number): boolean;
  /** A GET of this group showed this number of members, and not others that the target accepted. */
  membersCut(group: RemoteId, length: number): void;
  /** A GET of a group showed this number of members: a list does not end earlier. */
  membersShown(length: number): void;
  /** What reads of this pass and the facts show about `active`; undefined: nothing yet. */
  readonly activeShown: ActiveShown | undefined;
  /** A read of an account showed this `active`; `hidden`: this account, and another one, had none. */
  activeRead(account: RemoteId, active: boolean | 'hidden'): void;
  /** The counters of consecutive refusals by one group. */
  refusalsOf(group: RemoteId): GroupRefusals;
  /** Whether a refused create may be sent again with fewer attributes: not after several in a row were refused. */
  mayCreateSmaller(): boolean;
  smallerCreateEnded(isAccepted: boolean): void;
  /** Whether a refused update may be sent in parts, under the same condition. */
  maySplit(): boolean;
  splitEnded(isAccepted: boolean): void;
}

/** After this number of records in a row that were refused also in parts, the attributes are not the cause. */
const maxRefusedInParts = 5;

/** What the discovery and the responses of one pass have shown so far; learned-facts.ts has what outlasts a pass. */
export interface CapabilityState {
  /** The ServiceProviderConfig states that PATCH is not supported. */
  readonly isPatchUnsupported: boolean;
  /** The ServiceProviderConfig states ETag support, so If-Match is sent. */
  readonly hasEtags: boolean;
  /** Number of creates that were refused also with fewer attributes, since the last one that was accepted. */
  readonly refusedSmallerCreates: number;
  /** The same for updates that were sent in parts. */
  readonly refusedSplits: number;
}

/** One observation of the target. */
export type CapabilityEvent =
  | { readonly type: 'discovery'; readonly discovery: Discovery | undefined }
  /** A refused create was sent again with fewer attributes. */
  | { readonly type: 'smallerCreate'; readonly isAccepted: boolean }
  /** A refused update was sent in parts. */
  | { readonly type: 'split'; readonly isAccepted: boolean };

/** The state before discovery and before any response. */
export const initialCapabilities: CapabilityState = {
  isPatchUnsupported: false,
  hasEtags: false,
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
    case 'split':
      return { ...state, refusedSplits: event.isAccepted ? 0 : state.refusedSplits + 1 };
    case 'smallerCreate':
      return { ...state, refusedSmallerCreates: event.isAccepted ? 0 : state.refusedSmallerCreates + 1 };
  }
}

/** Which way of a request the target refuses or ignores. */
export interface RefusedWays {
  readonly patch: boolean;
  readonly ifMatch: boolean;
  /** Requests without If-Match. */
  readonly noIfMatch: boolean;
  /** PATCH that adds members has no effect, or removes other members. */
  readonly addedMembers: boolean;
}

/** The style of requests for one resource type: the profile decides, and the observations where it leaves it open. */
export function requestStyleOf(
  protocol: Protocol,
  state: Pick<CapabilityState, 'isPatchUnsupported' | 'hasEtags'>,
  refused: RefusedWays,
  resourceType: ResourceType,
): RequestStyle {
  const configured = updateMethodOf(protocol, resourceType);
  const automatic = state.isPatchUnsupported || refused.patch ? 'getThenPut' : 'patch';
  const updateMethod = configured === 'auto' ? automatic : configured;
  const { valuePaths, patchOps, patchPaths, manager, deactivation, ifMatch } = protocol;
  // Members are read and written as a whole by one `replace`.
  const isReplaced = refused.addedMembers && protocol.returnsMembers && updateMethod === 'patch';
  return {
    updateMethod,
    memberStyle: isReplaced ? { ...protocol, addMembers: 'replace' } : protocol,
    // A PATCH value without a path replaces whole attributes.
    valuePaths: valuePaths && patchPaths !== 'nested',
    patchOps,
    patchPaths,
    manager,
    deactivation,
    ifMatch: ifMatch === 'always' || (ifMatch === 'auto' && (state.hasEtags || refused.noIfMatch) && !refused.ifMatch),
  };
}

const ifMatchRefused: FactName = { kind: 'ifMatchRefused', subject: '' };
const ifMatchRequired: FactName = { kind: 'ifMatchRequired', subject: '' };
const patchRefused = (subject: ResourceType): FactName => ({ kind: 'patchRefused', subject });
const operationsIgnored = (subject: ResourceType): FactName => ({ kind: 'operationsIgnored', subject });
const activeHidden: FactName = { kind: 'activeHidden', subject: '' };
const membersCut = (length: number): FactName => ({ kind: 'membersCut', subject: String(length) });
const deleteRefused = (subject: ResourceType): FactName => ({ kind: 'deleteRefused', subject });

/** Starts from the profile, and from the facts of earlier passes. */
export function createCapabilities(
  protocol: Protocol,
  facts: LearnedFacts,
  samples: Pick<WriteSamples, 'isContradicted' | 'avoids'>,
): LearnedCapabilities {
  let state = initialCapabilities;
  const observe = (event: CapabilityEvent): void => {
    state = nextCapabilities(state, event);
  };
  const groupRefusals = createGroupRefusals(facts);
  const ignoredPaths = new Set<string>();
  let activeShown: ActiveShown | undefined;
  let longestList = 0;
  const updateBy = (resourceType: ResourceType): WriteForm => ({
    ...{ resourceType, action: 'update', method: 'PATCH', isBulk: false },
  });
  const membersBy = (action: WriteForm['action']): WriteForm => ({
    ...{ resourceType: 'Group', action, method: 'PATCH', isBulk: false },
  });
  return {
    requestStyle(resourceType) {
      const refused = {
        patch: facts.holds(patchRefused(resourceType)) || samples.isContradicted(updateBy(resourceType)),
        ifMatch: facts.holds(ifMatchRefused),
        noIfMatch: facts.holds(ifMatchRequired),
        addedMembers: resourceType === 'Group' && memberActions.some((one) => samples.isContradicted(membersBy(one))),
      };
      return requestStyleOf(protocol, state, refused, resourceType);
    },
    styleOf(operation) {
      const { resourceType } = operation;
      const isDelete = operation.action === 'delete';
      if (isDelete || (operation.action === 'deactivate' && protocol.deactivation === 'delete'))
        return this.requestStyle(resourceType);
      // A write that may have no effect is tried where a read follows it, and never on the removal of an access.
      const mayTry = !isRemoval(operation);
      const avoids = (form: WriteForm): boolean => (mayTry ? samples.avoids(form) : samples.isContradicted(form));
      const isIgnored =
        operation.action === 'members'
          ? samples.isContradicted(updateBy(resourceType))
          : avoids(updateBy(resourceType));
      const refused = {
        patch: facts.appliesTo(patchRefused(resourceType)) || isIgnored,
        ifMatch: facts.appliesTo(ifMatchRefused),
        noIfMatch: facts.appliesTo(ifMatchRequired),
        addedMembers: operation.action === 'members' && memberActions.some((one) => avoids(membersBy(one))),
      };
      return requestStyleOf(protocol, state, refused, resourceType);
    },
    applyDiscovery: (discovery) => observe({ type: 'discovery', discovery }),
    mayUsePut: (resourceType) => updateMethodOf(protocol, resourceType) === 'auto',
    accepted(resourceType, method, hasIfMatch) {
      if (method === 'PATCH') facts.accepted(patchRefused(resourceType));
      facts.accepted(hasIfMatch ? ifMatchRefused : ifMatchRequired);
    },
    patchUnsupported: (resourceType, resource, status) =>
      facts.refused(patchRefused(resourceType), { resource, status }),
    ifMatchRequired: (resource, status) => facts.refused(ifMatchRequired, { resource, status }),
    ifMatchRefused: (resource, status) => facts.refused(ifMatchRefused, { resource, status }),
    deletionRefused: (resourceType) =>
      facts.appliesTo(deleteRefused(resourceType)) ? facts.find(deleteRefused(resourceType)) : undefined,
    deletionAnswered(resourceType, resource, status) {
      if (status === 'ok') facts.accepted(deleteRefused(resourceType));
      else facts.refused(deleteRefused(resourceType), { resource, status });
    },
    bulkRefused: (status) => facts.refused(bulkRefused, { resource: '', status }),
    membersPerRequest: createSizeLimit(facts, 'membersTooLarge'),
    operationsPerPatch(operation) {
      const name = operationsIgnored(operation.resourceType);
      const isSplit = isRemoval(operation) ? facts.holds(name) : facts.appliesTo(name);
      return isSplit ? 1 : Number.POSITIVE_INFINITY;
    },
    operationsIgnored: (resourceType, resource) => facts.refused(operationsIgnored(resourceType), { resource }),
    operationsApplied: (resourceType) => facts.accepted(operationsIgnored(resourceType)),
    ignoredSingly(resourceType, paths) {
      for (const path of paths) ignoredPaths.add(`${resourceType} ${path}`);
    },
    isIgnoredSingly: (resourceType, path) => ignoredPaths.has(`${resourceType} ${path}`),
    triesOperations: (resourceType) => facts.isTryDue(operationsIgnored(resourceType)),
    get activeShown() {
      return facts.holds(activeHidden) ? 'hidden' : activeShown;
    },
    activeRead(resource, active) {
      if (active === 'hidden') return facts.refused(activeHidden, { resource });
      facts.accepted(activeHidden);
      activeShown = active && activeShown !== 'both' ? 'active' : 'both';
    },
    isCutAt: (length) => facts.holds(membersCut(length)),
    membersCut(resource, length) {
      if (length >= longestList) facts.refused(membersCut(length), { resource });
    },
    membersShown(length) {
      longestList = Math.max(longestList, length);
      for (const fact of facts.all)
        if (fact.kind === 'membersCut' && Number(fact.subject) < length) facts.accepted(fact);
    },
    refusalsOf: (group) => groupRefusals.of(group),
    mayCreateSmaller: () => state.refusedSmallerCreates < maxRefusedInParts,
    smallerCreateEnded: (isAccepted) => observe({ type: 'smallerCreate', isAccepted }),
    maySplit: () => state.refusedSplits < maxRefusedInParts,
    splitEnded: (isAccepted) => observe({ type: 'split', isAccepted }),
  };
}
