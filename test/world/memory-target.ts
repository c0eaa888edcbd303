import type { Found, Outcome } from '../../src/model/outcome.ts';
import { remoteId, type RemoteId } from '../../src/model/ids.ts';
import type { Kind } from '../../src/model/kind.ts';
import { managerPath } from '../../src/model/path.ts';
import type { Body, Json } from '../../src/model/resource.ts';
import type { Addressed, Performed } from '../../src/scim/addressed.ts';
import type { Target } from '../../src/scim/target.ts';

interface Account {
  body: Record<string, Json>;
  members: Set<string>;
}

/** What befalls a request, decided by the test: it takes effect or not, and is answered or not. */
export type Fate = 'answered' | 'lostBefore' | 'lostAfter' | 'refused';

/**
 * An application in memory behind the interface of the SCIM room, for tests of what the passes decide: strict about names and
 * references, as fast as a function call, and as unreliable as the test wants.
 */
export class MemoryTarget implements Target {
  readonly name: string;
  readonly accounts = { User: new Map<string, Account>(), Group: new Map<string, Account>() };
  readonly counters = { requests: 0, retries: 0 };
  readonly said: string[] = [];
  unavailable: string | undefined;
  readonly sendsTogether = false;
  fate: () => Fate = () => 'answered';
  private next = 1;

  constructor(name: string) {
    this.name = name;
  }

  async perform(addressed: Addressed): Promise<Performed> {
    const { operation } = addressed;
    this.counters.requests += 1;
    this.said.push(`${operation.action} ${operation.kind} ${operation.key}`);
    if (operation.action === 'claim') {
      const found = this.named(operation.kind, operation.body, addressed.owner);
      const keeper = found === undefined ? undefined : addressed.owner(operation.kind, found.remoteId);
      return this.answer(
        found === undefined || keeper !== undefined
          ? { kind: 'gone', status: 404, detail: 'it did not take effect' }
          : { kind: 'adopted', status: 200, found },
      );
    }
    if (operation.action === 'create' && addressed.uncertain) {
      const found = this.named(operation.kind, operation.body, addressed.owner);
      const keeper = found === undefined ? undefined : addressed.owner(operation.kind, found.remoteId);
      if (found !== undefined && keeper === undefined) return this.answer({ kind: 'adopted', status: 200, found });
    }
    const fate = this.fate();
    if (fate === 'lostBefore')
      return this.answer(
        operation.action === 'create' ? { kind: 'unknown', detail: 'lost' } : { kind: 'unavailable', detail: 'lost' },
      );
    if (fate === 'refused') return this.answer({ kind: 'refused', status: 400, detail: 'refused by the test' });
    const outcome = this.apply(addressed);
    if (fate === 'lostAfter') return this.answer({ kind: 'unknown', detail: 'lost' });
    return this.answer(outcome);
  }

  async *list(
    kind: Kind,
    _paths: readonly string[],
  ): AsyncGenerator<readonly Found[], { complete: boolean; requests: number }> {
    yield [...this.accounts[kind].keys()].map((id) => this.found(kind, id));
    return { complete: true, requests: 1 };
  }

  async find(
    kind: Kind,
    body: Body,
    _paths: readonly string[],
    _signal: AbortSignal,
    owner?: Addressed['owner'],
  ): ReturnType<Target['find']> {
    const found = this.named(kind, body, owner);
    return found === undefined ? { kind: 'none' } : { kind: 'found', found, by: 'userName' };
  }

  async read(
    kind: Kind,
    id: RemoteId,
    _paths: readonly string[],
    _signal: AbortSignal,
    owner?: Addressed['owner'],
  ): Promise<Found | 'gone'> {
    return this.accounts[kind].has(id) ? this.found(kind, id, owner) : 'gone';
  }

  async discover(): Promise<undefined> {
    return undefined;
  }

  use(): void {
    // Nothing that a discovery says matters here.
  }

  async submit(task: () => Promise<void>): Promise<void> {
    await task();
  }

  async idle(): Promise<void> {
    // Every task has ended when submit returns.
  }

  close(): void {
    // Nothing is open.
  }

  private apply({ operation, remoteId: id, resolve, owner, adopt }: Addressed): Outcome {
    const accounts = this.accounts[operation.kind];
    switch (operation.action) {
      case 'create': {
        const there = this.named(operation.kind, operation.body, owner);
        if (there !== undefined) {
          const keeper = owner(operation.kind, there.remoteId);
          if (keeper === undefined && adopt) return { kind: 'adopted', status: 200, found: there };
          return { kind: 'refused', status: 409, detail: `taken by ${keeper ?? 'a stranger'}` };
        }
        const { body, unresolved } = this.resolved(operation.body, resolve);
        const created = `r${(this.next++).toString()}`;
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
        if (account === undefined) return { kind: 'gone', status: 404, detail: 'no such account' };
        const wanted: Record<string, Json> = { ...account.body };
        const unresolved: string[] = [];
        for (const { path, to } of operation.edits) {
          if (to === null) delete wanted[path];
          else if (path === managerPath && resolve('User', to as never) === undefined) unresolved.push(path);
          else wanted[path] = path === managerPath ? (resolve('User', to as never) ?? null) : to;
        }
        const there = this.named(operation.kind, wanted);
        if (there !== undefined && there.remoteId !== id) return { kind: 'refused', status: 409, detail: 'name taken' };
        account.body = wanted;
        return { kind: 'done', status: 200, ...(unresolved.length > 0 ? { unresolved } : {}) };
      }
      case 'delete': {
        if (!accounts.delete(id ?? '')) return { kind: 'gone', status: 404, detail: 'no such account' };
        return { kind: 'done', status: 204 };
      }
      case 'members': {
        const account = accounts.get(id ?? '');
        if (account === undefined) return { kind: 'gone', status: 404, detail: 'no such group' };
        const leftOut = [...operation.add, ...operation.remove].filter(
          ({ kind, key }) => resolve(kind, key) === undefined,
        );
        for (const { kind, key } of operation.remove) account.members.delete(resolve(kind, key) ?? '');
        for (const { kind, key } of operation.add) {
          const member = resolve(kind, key);
          if (member !== undefined) account.members.add(member);
        }
        return { kind: 'done', status: 200, ...(leftOut.length > 0 ? { leftOut } : {}) };
      }
      case 'claim':
        throw new Error('a claim is answered without any effect');
    }
  }

  private named(kind: Kind, body: Body, owner?: Addressed['owner']): Found | undefined {
    const path = kind === 'User' ? 'userName' : 'displayName';
    const name = String(body[path] ?? '').toLowerCase();
    for (const [id, account] of this.accounts[kind]) {
      if (String(account.body[path] ?? '').toLowerCase() === name) return this.found(kind, id, owner);
    }
    return undefined;
  }

  private found(kind: Kind, id: string, owner?: Addressed['owner']): Found {
    const account = this.accounts[kind].get(id);
    if (account === undefined) throw new Error(`no ${kind} ${id}`);
    const body: Record<string, Json> = { ...account.body };
    const manager = owner?.('User', body[managerPath] as RemoteId);
    delete body[managerPath];
    if (manager !== undefined) body[managerPath] = manager;
    return {
      remoteId: remoteId(id),
      body,
      active: account.body['active'] !== false,
      members: [...account.members].map(remoteId),
    };
  }

  private resolved(body: Body, resolve: Addressed['resolve']): { body: Record<string, Json>; unresolved: string[] } {
    const result: Record<string, Json> = { ...body };
    const manager = body[managerPath];
    if (typeof manager !== 'string') return { body: result, unresolved: [] };
    const id = resolve('User', manager as never);
    if (id !== undefined) return { body: { ...result, [managerPath]: id }, unresolved: [] };
    delete result[managerPath];
    return { body: result, unresolved: [managerPath] };
  }

  private answer(outcome: Outcome): Performed {
    return { outcome, requests: 1, retries: 0 };
  }
}
