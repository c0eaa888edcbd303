import type { ResourceType } from '../model/resource-type.ts';
import { isRemoval } from '../model/operation.ts';
import type { RemoteResource } from '../model/outcome.ts';
import type { FlatResource, KnownState } from '../model/resource.ts';
import { newExecution, type OperationExecution } from './transport/execution.ts';
import { resolveFrom } from './encode/references.ts';
import type { ClientContext, PerformOutcome, PerformResult, PreparedOperation } from './operation-context.ts';
import { executeOperation } from './execute-operation.ts';
import { createBulkBatcher } from './operations/bulk-batcher.ts';
import { discover, type Discovery } from './read/discovery.ts';
import { createLivenessCheck } from './transport/liveness-check.ts';
import { withGroupReadOptions } from './read/group-reads.ts';
import { createCapabilities } from './capabilities.ts';
import { bulkLimits, createLearnedBulk } from './learned/bulk-limits.ts';
import { openConnection, type ConnectionSettings, type ConnectionDeps } from './transport/connection.ts';
import { list, type Listing, type ListRequest } from './read/listing.ts';
import { parseResource } from './judge/parse-resource.ts';
import { membersLeft, type GroupRead } from './read/members-left.ts';
import { find, type Lookup } from './read/lookup.ts';
import { createExternalIdSearch } from './removal/external-id-search.ts';
import { lookAtRemoval, type LookRequest, type RemovalLook } from './removal/look-at-removal.ts';
import { removalForm } from './removal/removal-form.ts';
import { trustworthyAbsence, type Absence } from './absence/judge-absence.ts';
import { ownReading, proveMissing } from './absence/prove-missing.ts';
import { get } from './read/get-resource.ts';
import type { Learned } from '../model/target/learned-fact.ts';
import { createLearnedFacts } from './learned/learned-facts.ts';
import { createWriteSamples } from './write-samples.ts';
import { createGroupLock } from './operations/group-lock.ts';
import { verifyRemoval, type RemovalToVerify } from './operations/verify-removal.ts';
import type { RemovalVerdict } from './judge/judge-removal.ts';

export type {
  LookRequest,
  RemovalLook,
  RemovalToVerify,
  RemovalVerdict,
  PreparedOperation,
  Discovery,
  Listing,
  Lookup,
  PerformResult,
  Absence,
};

/** One application's SCIM endpoint. No method throws because of a server or the network. */
export interface Target {
  readonly name: string;
  /** Why the target receives no more requests in this pass; undefined while it is available. */
  readonly unavailableReason: string | undefined;
  /** `verifications`: requests that read writes back; `requests` does not count them. */
  readonly counters: { readonly requests: number; readonly retries: number; readonly verifications: number };
  /**
   * Sends one operation and interprets the response.
   *
   * @param signal ends waiting; a request in flight is completed, so that its response can be recorded
   */
  perform(prepared: PreparedOperation, signal: AbortSignal): Promise<PerformResult>;
  /** Whether an update of a group may be a PUT of the whole group, which needs `PreparedOperation.members`. */
  readonly needsGroupMembers: boolean;
  /**
   * Lists all resources of a type. The return value states whether the listing is complete.
   *
   * @param startAt where it pages by index: the number of rows that were read before; the listing is about the rest
   */
  list(
    resourceType: ResourceType,
    paths: readonly string[],
    signal: AbortSignal,
    startAt?: number,
  ): AsyncGenerator<readonly RemoteResource[], Listing>;
  /** Looks a resource up by the profile's match attributes. */
  find(resourceType: ResourceType, body: FlatResource, paths: readonly string[], signal: AbortSignal): Promise<Lookup>;
  /**
   * Finds out whether the target still has a known account, and reads it. At a target that hides inactive users, the
   * absence of a user is never proven.
   */
  readKnown(
    known: Pick<KnownState, 'resourceType' | 'remoteId' | 'body'>,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<Absence>;
  /** Which members that the target acknowledged have left a group whose read does not show them. */
  membersLeft(group: GroupRead, signal: AbortSignal): ReturnType<typeof membersLeft>;
  /** Whether a GET by id shows a known user. */
  isThere(
    known: Pick<KnownState, 'remoteId' | 'body'>,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Reads a removed resource back and judges whether the removal took effect. */
  verifyRemoval(removal: RemovalToVerify, signal: AbortSignal): Promise<RemovalVerdict>;
  /** Reads a removed user back, and searches for other accounts with the externalId of the user. */
  lookAtRemoval(look: LookRequest, signal: AbortSignal): Promise<RemovalLook>;
  /** Lists all users to read removals back: at most this number of pages. */
  listBack(
    paths: readonly string[],
    maxPages: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly RemoteResource[], Listing>;
  /** A read contradicted a removal: where Bulk was used, later requests of this kind are sent singly. */
  removalContradicted(resourceType: ResourceType, action: 'deactivate' | 'delete'): void;
  /** Continues in this pass with what earlier passes learned. */
  restore(learned: Learned, pass: number): void;
  /** What the responses and reads have shown, to be kept until the next pass. */
  readonly learned: Learned;
  /**
   * Reads the ServiceProviderConfig.
   *
   * @param isKnown an earlier document is known, so one attempt is enough
   * @returns undefined where the target has none, or it is not readable
   */
  discover(signal: AbortSignal, isKnown?: boolean): Promise<Discovery | undefined>;
  /** Applies the ServiceProviderConfig; undefined, and each feature that it does not state, restricts nothing. */
  applyDiscovery(discovery: Discovery | undefined): void;
  /**
   * Whether concurrent operations are combined into Bulk requests, so that one may reference a record that another
   * creates.
   */
  readonly usesBulk: boolean;
  /** Resolves when the queue has room, undefined if it has now; the task then runs under the concurrency limit. */
  submit(task: () => Promise<void>): Promise<void> | undefined;
  /** Resolves when all submitted tasks have ended. @throws the error of the first failed task */
  idle(): Promise<void>;
  /** Aborts requests in flight and closes the connections. */
  close(): void;
}

/** Opens the connection to a target. Sends no request yet. */
export function createTarget(settings: ConnectionSettings, deps: ConnectionDeps): Target {
  const { name, profile } = settings;
  const { limits, protocol } = profile;
  const { clock } = deps;
  const { transport: connectionTransport, circuitBreaker, throttle, counters, close } = openConnection(settings, deps);
  const facts = createLearnedFacts(() => clock.now());
  const bulk = createBulkBatcher({
    transport: withGroupReadOptions(connectionTransport, protocol),
    throttle,
    clock,
    endpoints: protocol.endpoints,
    concurrency: limits.concurrency,
    methods: protocol.bulkMethods,
    learned: createLearnedBulk(facts),
  });
  const { transport } = bulk;
  const samples = createWriteSamples(settings.samples ?? { firstWrites: 0, writesShare: 0 }, facts, deps.random);
  const capabilities = createCapabilities(protocol, facts, samples);
  const client: ClientContext = { transport, profile, capabilities, groupLock: createGroupLock(), samples, clock };
  const externalIds = createExternalIdSearch(transport, facts, protocol.matchUsers.includes('externalId'));
  let verifications = 0;
  const livenessCheck = createLivenessCheck(transport, circuitBreaker);

  return {
    name,
    get counters() {
      return { requests: counters.requests - verifications, retries: counters.retries, verifications };
    },
    get unavailableReason() {
      return circuitBreaker.unavailableReason;
    },

    async perform(prepared, signal) {
      const { operation } = prepared;
      if (circuitBreaker.unavailableReason !== undefined)
        return { outcome: { kind: 'unavailable', detail: circuitBreaker.unavailableReason }, requests: 0, retries: 0 };
      const { resourceType, key, action } = operation;
      const execution: OperationExecution = {
        ...newExecution(signal),
        ...(action === 'create' ? { creates: { resourceType, key } } : {}),
      };
      const outcome = await executeWithBulk(prepared, execution);
      verifications += execution.verifications;
      const check = livenessCheck.afterOperation(prepared, outcome, execution);
      if (check !== undefined) await check;
      return {
        outcome,
        requests: execution.requests,
        retries: execution.retries,
        ...(execution.sentAt === undefined ? {} : { sentAt: execution.sentAt }),
      };
    },

    list: (resourceType, paths, signal, startAt = 0) =>
      list(transport, { ...listRequest(resourceType, paths), startAt }, newExecution(signal)),
    find: (resourceType, body, paths, signal) =>
      find(transport, profile, { resourceType, body, paths }, newExecution(signal)),
    async readKnown({ resourceType, remoteId, body }, paths, signal) {
      const suspect = { resourceType, remoteId, bodies: [body], paths };
      const absence = await proveMissing({ transport, profile }, suspect, newExecution(signal));
      return trustworthyAbsence(absence, resourceType, protocol);
    },

    membersLeft: (group, signal) => membersLeft(client, group, newExecution(signal)),

    async isThere({ remoteId, body }, paths, signal) {
      const execution = newExecution(signal);
      const result = await get(transport, 'User', remoteId, execution);
      verifications += execution.requests;
      const reading = ownReading(result, remoteId, paths, { resourceType: 'User', bodies: [body] });
      return reading !== 'notFound' && !('unavailable' in reading);
    },

    async verifyRemoval(removal, signal) {
      const execution = newExecution(signal);
      return verifyRemoval(client, removal, execution).finally(() => (verifications += execution.requests));
    },

    async lookAtRemoval(look, signal) {
      const execution = newExecution(signal);
      return lookAtRemoval(client, externalIds, look, execution).finally(() => (verifications += execution.requests));
    },

    async *listBack(paths, pages, signal) {
      const execution = newExecution(signal);
      try {
        return yield* list(transport, { ...listRequest('User', paths), maxPages: pages }, execution);
      } finally {
        verifications += execution.requests;
      }
    },

    removalContradicted(resourceType, action) {
      const kind =
        action === 'delete'
          ? ({ action: 'delete', method: 'DELETE' } as const)
          : ({ action: 'update', method: 'PATCH' } as const);
      if (bulk.isEnabled) samples.record({ resourceType, ...kind, isBulk: true, isBare: true }, 'contradicted');
    },
    restore({ facts: earlier, samples: state }, pass) {
      facts.restore(earlier, pass);
      samples.restore(state);
    },
    get learned() {
      return { facts: facts.all, samples: samples.state };
    },

    async discover(signal, isKnown = false) {
      return protocol.discovery === 'off' ? undefined : discover(transport, newExecution(signal), isKnown);
    },
    applyDiscovery,
    get needsGroupMembers() {
      return limits.maxPatchableGroupSize !== null || capabilities.requestStyle('Group').updateMethod !== 'patch';
    },
    get usesBulk() {
      return bulk.isEnabled;
    },

    submit: (task) => throttle.submit(task),
    idle: () => throttle.idle(),
    close,
  };

  function listRequest(resourceType: ResourceType, paths: readonly string[]): ListRequest<RemoteResource> {
    const parse = (row: unknown): RemoteResource | undefined => parseResource(row, paths);
    return { resourceType, parse, pageSize: limits.pageSize, pagingMode: protocol.listing };
  }

  function applyDiscovery(discovery: Discovery | undefined): void {
    capabilities.applyDiscovery(discovery);
    bulk.start(bulkLimits(profile, discovery));
  }

  /** Sends an operation again without its Bulk reference, if it failed because the referenced create failed. */
  async function executeWithBulk(prepared: PreparedOperation, execution: OperationExecution): Promise<PerformOutcome> {
    const resolve = resolveFrom(prepared.ids);
    const form = isRemoval(prepared.operation) ? removalForm(prepared.unprovenRemovals ?? 0, bulk.isEnabled) : 'usual';
    const context = { ...prepared, resolve, ...(form === 'usual' ? {} : { removalForm: form }) };
    const outcome = await executeOperation(
      client,
      { ...context, resolve: bulk.withBulkIds(resolve) },
      prepared.operation,
      execution,
    );
    return execution.hasUnresolvedBulkReference === true && outcome.kind === 'rejected'
      ? executeOperation(client, context, prepared.operation, execution)
      : outcome;
  }
}
