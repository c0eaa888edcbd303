import { remoteId, type RemoteId, type SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import { member } from '../model/shape.ts';
import { asRemoteId } from './address.ts';
import type { Effort, Resolve } from './addressed.ts';
import { decide } from './response.ts';
import type { Answer, ScimRequest } from './message.ts';

/** A record that is being created. */
export interface Created {
  readonly kind: Kind;
  readonly key: SourceKey;
}

/** Ids of what was created a moment ago are kept so long, since the snapshot may not have heard of them yet. */
const mostKept = 5000;

/** Names for accounts that have no id yet, so that others in the same Bulk request may point to them (RFC 7644 section 3.7.2). */
export interface BulkNames {
  /** A name for what a request creates. */
  nameFor(created: Created): string;
  /** As `resolve`, and the name of whoever is only being created. */
  resolving(resolve: Resolve): Resolve;
  /** It was answered. */
  answered(name: string, answer: Answer): void;
  /** Names that a request points to and that were not answered yet. */
  pending(request: ScimRequest): readonly string[];
  /** When that one is answered. */
  wait(name: string): Promise<void>;
  pointsToNew(request: ScimRequest): boolean;
  /** Whether it points to somebody who has not been created so far. */
  pointsToNobody(request: ScimRequest): boolean;
  /** The request with ids in the place of names; undefined where one of them was not created. */
  settled(request: ScimRequest, effort: Effort): ScimRequest | undefined;
}

interface Entry {
  readonly name: string;
  readonly key: string;
  readonly promise: Promise<void>;
  readonly done: () => void;
  id?: RemoteId;
  isOver: boolean;
}

export function openBulkNames(): BulkNames {
  const byKey = new Map<string, Entry>();
  const byName = new Map<string, Entry>();
  let last = 0;

  return {
    nameFor({ kind, key }) {
      const where = `${kind} ${key}`;
      let done = (): void => undefined;
      const promise = new Promise<void>((resolve) => {
        done = resolve;
      });
      const entry: Entry = { name: `new${(last += 1)}`, key: where, promise, done: () => done(), isOver: false };
      byKey.set(where, entry);
      byName.set(entry.name, entry);
      for (const old of byName.values()) {
        if (byName.size <= mostKept || !old.isOver) break;
        byName.delete(old.name);
        if (byKey.get(old.key) === old) byKey.delete(old.key);
      }
      return entry.name;
    },

    resolving: (resolve) => (kind, key) => {
      const known = resolve(kind, key);
      const entry = known === undefined ? byKey.get(`${kind} ${key}`) : undefined;
      if (entry === undefined) return known;
      return entry.isOver ? entry.id : remoteId(`bulkId:${entry.name}`);
    },

    answered(name, answer) {
      const entry = byName.get(name);
      if (entry === undefined) return;
      const id =
        answer.kind === 'reply' && decide(answer) === 'accept' ? asRemoteId(member(answer.body, 'id')) : undefined;
      if (id !== undefined) entry.id = id;
      entry.isOver = true;
      entry.done();
    },

    pending: (request) => named(request).filter((name) => byName.get(name)?.isOver === false),
    pointsToNew: (request) => named(request).length > 0,
    pointsToNobody: (request) => named(request).some((name) => byName.get(name)?.id === undefined),
    wait: (name) => byName.get(name)?.promise ?? Promise.resolve(),

    settled(request, effort) {
      const names = named(request);
      const over = names.filter((name) => byName.get(name)?.isOver === true);
      if (over.length === 0) return request;
      if (over.some((name) => byName.get(name)?.id === undefined)) {
        effort.dangling = true;
        return undefined;
      }
      const ids: unknown = JSON.parse(JSON.stringify(request.body), (_key, value: unknown) => idIn(value));
      return { ...request, body: ids as object };
    },
  };

  function named({ body }: ScimRequest): readonly string[] {
    if (body === undefined || byName.size === 0) return [];
    const names = JSON.stringify(body).match(/"bulkId:new\d+"/g) ?? [];
    return [...new Set(names.map((text) => text.slice('"bulkId:'.length, -1)))].filter((name) => byName.has(name));
  }

  function idIn(value: unknown): unknown {
    if (typeof value !== 'string' || !value.startsWith('bulkId:')) return value;
    return byName.get(value.slice('bulkId:'.length))?.id ?? value;
  }
}
