import type { RemoteResource } from '../../src/model/outcome.ts';
import { remoteId, type RemoteId } from '../../src/model/ids.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import { managerPath } from '../../src/model/path.ts';
import type { FlatResource, Json } from '../../src/model/resource.ts';
import type {
  ExistingAccount,
  PerformOutcome,
  PerformResult,
  PreparedOperation,
} from '../../src/scim/operation-context.ts';
import { resolveFrom, type ResolveId } from '../../src/scim/encode/references.ts';
import { judgeRemoval } from '../../src/scim/judge/judge-removal.ts';
import type { LookRequest, RemovalLook, RemovalToVerify, RemovalVerdict, Target } from '../../src/scim/target.ts';

interface Account {
  body: Record<string, Json>;
  members: Set<string>;
}

/** Result of a request, chosen by the test: whether it is applied and whether a response arrives. */
export type SimulatedResult = 'answered' | 'lostBefore' | 'lostAfter' | 'refused';

/**
 * An application in memory behind the `Target` interface of scim/, for tests of the decisions of passes. It enforces
 * unique names and existing references, needs no HTTP, and fails as the test chooses.
 */
export class InMemoryTarget implements Target {
  readonly name: string;
  readonly accounts = { User: new Map<string, Account>(), Group: new Map<string, Account>() };
  readonly counters = { requests: 0, retries: 0, verifications: 0 };
  readonly operationLog: string[] = [];
  unavailableReason: string | undefined;
  readonly usesBulk = false;
  readonly needsGroupMembers = false;
  readonly learned = { facts: [], samples: {} };
  simulate: (operation: Operation) => SimulatedResult = () => 'answered';
  /** Whether an operation is answered with success and not applied. */
  ignores: (operation: Operation) => boolean = () => false;
  /** Whether no manager reference can be resolved: every create and update omits it. */
  neverResolves = false;
  /** Whether a list of the users, read to verify removals, is complete. */
  isListable = false;
  /** Number of lookups of accounts whose create got no response. */
  lookups = 0;
  /** Number of listings. */
  listings = 0;
  /** How often an account was read by its id. */
  reads = 0;
  private nextId = 1;

  constructor(name: string) {
    this.name = name;
  }

  /** An account that is at the application before the first pass. */
  addAccount(resourceType: ResourceType, body: FlatResource, members: readonly RemoteId[] = []): RemoteId {
    const id = `r${(this.nextId++).toString()}`;
    this.accounts[resourceType].set(id, { body: { ...body }, members: new Set(members) });
    return remoteId(id);
  }

  async perform(context: PreparedOperation): Promise<PerformResult> {
    const { operation } = context;
    this.counters.requests += 1;
    this.operationLog.push(`${operation.action} ${operation.resourceType} ${operation.key}`);
    if (operation.action === 'verifyCreate') {
      const account = this.findByName(operation.resourceType, operation.body);
      return this.result(
        account === undefined
          ? { kind: 'notFound', status: 404, detail: 'the create was not applied' }
          : existing(account, 'ownCreate'),
      );
    }
    if (operation.action === 'create' && context.isInDoubt) {
      this.lookups += 1;
      const account = this.findByName(operation.resourceType, operation.body);
      if (account !== undefined) return this.result(existing(account, 'ownCreate'));
    }
    const simulated = this.simulate(operation);
    if (simulated === 'lostBefore')
      return this.result(
        operation.action === 'create' ? { kind: 'unknown', detail: 'lost' } : { kind: 'unavailable', detail: 'lost' },
      );
    if (simulated === 'refused') return this.result({ kind: 'rejected', status: 400, detail: 'refused by the test' });
    if (this.ignores(operation)) return this.result({ kind: 'done', status: 204 });
    const outcome = this.apply(context);
    if (simulated === 'lostAfter') return this.result({ kind: 'unknown', detail: 'lost' });
    return this.result(outcome);
  }

  async *list(
    resourceType: ResourceType,
    _paths: readonly string[],
  ): AsyncGenerator<readonly RemoteResource[], { complete: boolean; requests: number }> {
    this.listings += 1;
    yield [...this.accounts[resourceType].keys()].map((id) => this.toRemoteResource(resourceType, id));
    return { complete: true, requests: 1 };
  }

  async find(resourceType: ResourceType, body: FlatResource): ReturnType<Target['find']> {
    const resource = this.findByName(resourceType, body);
    return resource === undefined ? { kind: 'none' } : { kind: 'found', resource, by: 'userName' };
  }

  async readKnown({ resourceType, remoteId: id }: Parameters<Target['readKnown']>[0]): ReturnType<Target['readKnown']> {
    this.reads += 1;
    return this.accounts[resourceType].has(id)
      ? { kind: 'present', resource: this.toRemoteResource(resourceType, id) }
      : { kind: 'missing' };
  }

  async membersLeft({ missing }: Parameters<Target['membersLeft']>[0]): ReturnType<Target['membersLeft']> {
    return { left: missing, isComplete: true };
  }

  async isThere({ remoteId: id }: Parameters<Target['isThere']>[0]): Promise<boolean> {
    this.counters.verifications += 1;
    return this.accounts.User.has(id);
  }

  async verifyRemoval(removal: RemovalToVerify): Promise<RemovalVerdict> {
    this.counters.verifications += 1;
    const { resourceType, remoteId: id } = removal;
    const read = this.accounts[resourceType].has(id) ? this.toRemoteResource(resourceType, id) : 'notFound';
    return judgeRemoval(removal, read, { kind: 'missing' }, { inactiveUsers: 'readable' });
  }

  async lookAtRemoval(look: LookRequest): Promise<RemovalLook> {
    if (!look.isReadNeeded) return { verdict: undefined, others: [] };
    return { verdict: await this.verifyRemoval(look), others: [] };
  }

  async *listBack(): AsyncGenerator<readonly RemoteResource[], { complete: boolean; requests: number }> {
    this.counters.verifications += 1;
    yield [...this.accounts.User.keys()].map((id) => this.toRemoteResource('User', id));
    return { complete: this.isListable, requests: 1 };
  }

  removalContradicted(): void {
    // There is only one kind of request.
  }

  restore(): void {
    // Learns nothing.
  }

  async discover(): Promise<undefined> {
    return undefined;
  }

  applyDiscovery(): void {
    // This target has no ServiceProviderConfig.
  }

  async submit(task: () => Promise<void>): Promise<void> {
    await task();
  }

  async idle(): Promise<void> {
    // `submit` awaits each task.
  }

  close(): void {
    // There is no connection.
  }

  private apply({ operation, remoteId: id, ids }: PreparedOperation): PerformOutcome {
    const resolve: ResolveId =
      this.neverResolves && operation.action !== 'members' ? () => undefined : resolveFrom(ids);
    const accounts = this.accounts[operation.resourceType];
    switch (operation.action) {
      case 'create': {
        const account = this.findByName(operation.resourceType, operation.body);
        if (account !== undefined) return existing(account, 'lookup');
        const { body, unresolved } = this.resolveManager(operation.body, resolve);
        const created = `r${(this.nextId++).toString()}`;
        accounts.set(created, { body, members: new Set() });
        return {
          kind: 'done',
          status: 201,
          remoteId: remoteId(created),
          ...(unresolved.length > 0 ? { unresolved } : {}),
        };
      }
      case 'update':
      case 'deactivate':
      case 'reactivate': {
        const account = accounts.get(id ?? '');
        if (account === undefined) return { kind: 'notFound', status: 404, detail: 'no such account' };
        const updated: Record<string, Json> = { ...account.body };
        const unresolved: string[] = [];
        for (const { path, to } of operation.edits) {
          if (to === null) delete updated[path];
          else if (path === managerPath && resolve('User', to as never) === undefined) unresolved.push(path);
          else updated[path] = path === managerPath ? (resolve('User', to as never) ?? null) : to;
        }
        const existing = this.findByName(operation.resourceType, updated);
        if (existing !== undefined && existing.remoteId !== id)
          return { kind: 'rejected', status: 409, detail: 'name in use', isConflict: true };
        account.body = updated;
        return { kind: 'done', status: 200, ...(unresolved.length > 0 ? { unresolved } : {}) };
      }
      case 'delete': {
        if (!accounts.delete(id ?? '')) return { kind: 'notFound', status: 404, detail: 'no such account' };
        return { kind: 'done', status: 204 };
      }
      case 'members': {
        const account = accounts.get(id ?? '');
        if (account === undefined) return { kind: 'notFound', status: 404, detail: 'no such group' };
        const rejectedMembers = [...operation.add, ...operation.remove].filter(
          ({ resourceType, key }) => resolve(resourceType, key) === undefined,
        );
        for (const { resourceType, key } of operation.remove) account.members.delete(resolve(resourceType, key) ?? '');
        for (const { resourceType, key } of operation.add) {
          const member = resolve(resourceType, key);
          if (member !== undefined) account.members.add(member);
        }
        return { kind: 'done', status: 200, ...(rejectedMembers.length > 0 ? { rejectedMembers } : {}) };
      }
      case 'verifyCreate':
        throw new Error('verifyCreate is handled before apply');
    }
  }

  private findByName(resourceType: ResourceType, body: FlatResource): RemoteResource | undefined {
    const path = resourceType === 'User' ? 'userName' : 'displayName';
    const name = String(body[path] ?? '').toLowerCase();
    for (const [id, account] of this.accounts[resourceType]) {
      if (String(account.body[path] ?? '').toLowerCase() === name) return this.toRemoteResource(resourceType, id);
    }
    return undefined;
  }

  private toRemoteResource(resourceType: ResourceType, id: string): RemoteResource {
    const account = this.accounts[resourceType].get(id);
    if (account === undefined) throw new Error(`no ${resourceType} ${id}`);
    const { [managerPath]: manager, ...body } = account.body;
    return {
      remoteId: remoteId(id),
      body,
      ...(typeof manager === 'string' ? { manager: remoteId(manager) } : {}),
      active: account.body['active'] !== false,
      members: [...account.members].map(remoteId),
    };
  }

  private resolveManager(body: FlatResource, resolve: ResolveId): { body: Record<string, Json>; unresolved: string[] } {
    const result: Record<string, Json> = { ...body };
    const manager = body[managerPath];
    if (typeof manager !== 'string') return { body: result, unresolved: [] };
    const id = resolve('User', manager as never);
    if (id !== undefined) return { body: { ...result, [managerPath]: id }, unresolved: [] };
    delete result[managerPath];
    return { body: result, unresolved: [managerPath] };
  }

  private result(outcome: PerformOutcome): PerformResult {
    return { outcome, requests: 1, retries: 0 };
  }
}

const existing = (resource: RemoteResource, origin: ExistingAccount['origin']): ExistingAccount => ({
  kind: 'existing',
  status: 200,
  resource,
  by: 'userName',
  origin,
});
