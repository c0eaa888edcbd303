import { remoteId, type RemoteId, type SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from './urls.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { ResolveId } from './references.ts';
import { decide } from '../judge/judge-response.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';

/** A record that is being created. */
export interface NewRecord {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}

/** Ids of what was created a moment ago are kept so long, since the snapshot may not have heard of them yet. */
const maxEntries = 5000;

/** Names for accounts that have no id yet, so that others in the same Bulk request may point to them (RFC 7644 section 3.7.2). */
export interface BulkIds {
  /** A name for what a request creates. */
  assign(created: NewRecord): string;
  /** As `resolve`, and the name of whoever is only being created. */
  withBulkIds(resolve: ResolveId): ResolveId;
  /** It was answered. */
  resolve(name: string, result: HttpResult): void;
  /** Names that a request points to and that were not answered yet. */
  pending(request: ScimRequest): readonly string[];
  /** When that one is answered. */
  wait(name: string): Promise<void>;
  hasReference(request: ScimRequest): boolean;
  /** Whether it points to somebody who has not been created so far. */
  hasFailedReference(request: ScimRequest): boolean;
  /** The request with ids in the place of names; undefined where one of them was not created. */
  substituteIds(request: ScimRequest, execution: OperationExecution): ScimRequest | undefined;
}

interface Entry {
  readonly bulkId: string;
  readonly recordKey: string;
  readonly promise: Promise<void>;
  readonly markResolved: () => void;
  id?: RemoteId;
  isResolved: boolean;
}

export function createBulkIds(): BulkIds {
  const byRecord = new Map<string, Entry>();
  const byBulkId = new Map<string, Entry>();
  let lastNumber = 0;

  return {
    assign({ resourceType, key }) {
      const recordKey = `${resourceType} ${key}`;
      let done = (): void => undefined;
      const promise = new Promise<void>((resolve) => {
        done = resolve;
      });
      const entry: Entry = {
        bulkId: `new${(lastNumber += 1)}`,
        recordKey: recordKey,
        promise,
        markResolved: () => done(),
        isResolved: false,
      };
      byRecord.set(recordKey, entry);
      byBulkId.set(entry.bulkId, entry);
      for (const old of byBulkId.values()) {
        if (byBulkId.size <= maxEntries || !old.isResolved) break;
        byBulkId.delete(old.bulkId);
        if (byRecord.get(old.recordKey) === old) byRecord.delete(old.recordKey);
      }
      return entry.bulkId;
    },

    withBulkIds: (resolve) => (kind, key) => {
      const existingId = resolve(kind, key);
      const entry = existingId === undefined ? byRecord.get(`${kind} ${key}`) : undefined;
      if (entry === undefined) return existingId;
      return entry.isResolved ? entry.id : remoteId(`bulkId:${entry.bulkId}`);
    },

    resolve(name, result) {
      const entry = byBulkId.get(name);
      if (entry === undefined) return;
      const id =
        result.kind === 'response' && decide(result) === 'accept'
          ? parseId(getIgnoringCase(result.body, 'id'))
          : undefined;
      if (id !== undefined) entry.id = id;
      entry.isResolved = true;
      entry.markResolved();
    },

    pending: (request) => referencedBulkIds(request).filter((name) => byBulkId.get(name)?.isResolved === false),
    hasReference: (request) => referencedBulkIds(request).length > 0,
    hasFailedReference: (request) => referencedBulkIds(request).some((name) => byBulkId.get(name)?.id === undefined),
    wait: (name) => byBulkId.get(name)?.promise ?? Promise.resolve(),

    substituteIds(request, execution) {
      const bulkIds = referencedBulkIds(request);
      const resolved = bulkIds.filter((name) => byBulkId.get(name)?.isResolved === true);
      if (resolved.length === 0) return request;
      if (resolved.some((name) => byBulkId.get(name)?.id === undefined)) {
        execution.hasUnresolvedBulkReference = true;
        return undefined;
      }
      const body: unknown = JSON.parse(JSON.stringify(request.body), (_key, value: unknown) => substitute(value));
      return { ...request, body: body as object };
    },
  };

  function referencedBulkIds({ body }: ScimRequest): readonly string[] {
    if (body === undefined || byBulkId.size === 0) return [];
    const quotedIds = JSON.stringify(body).match(/"bulkId:new\d+"/g) ?? [];
    return [...new Set(quotedIds.map((text) => text.slice('"bulkId:'.length, -1)))].filter((name) =>
      byBulkId.has(name),
    );
  }

  function substitute(value: unknown): unknown {
    if (typeof value !== 'string' || !value.startsWith('bulkId:')) return value;
    return byBulkId.get(value.slice('bulkId:'.length))?.id ?? value;
  }
}
