import { remoteId, type RemoteId, type SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from './urls.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { ResolveId } from './references.ts';
import { decide } from '../judge/judge-response.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';

/** A record whose create is in a Bulk request. */
export interface NewRecord {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}

/** Maximum number of entries. New ids are kept for a while, since the snapshot may not contain them yet. */
const maxEntries = 5000;

/**
 * Assigns bulkIds to creates, so that other operations of the same Bulk request can reference the new accounts (RFC
 * 7644 section 3.7.2).
 */
export interface BulkIds {
  /** Assigns a bulkId to a new record. */
  assign(created: NewRecord): string;
  /** As `resolve`, and in addition `bulkId:…` for a record that is being created. */
  withBulkIds(resolve: ResolveId): ResolveId;
  /** Records the result of a create. */
  resolve(bulkId: string, result: HttpResult): void;
  /** The bulkIds in a request whose creates have no result yet. */
  pending(request: ScimRequest): readonly string[];
  /** Resolves when the create has a result. */
  wait(bulkId: string): Promise<void>;
  /** Whether a request references a bulkId. */
  hasReference(request: ScimRequest): boolean;
  /** Whether a request references a create without an id: failed, or without a result. */
  hasFailedReference(request: ScimRequest): boolean;
  /** Replaces bulkIds with ids. @returns undefined where a referenced create failed */
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

/** Creates an empty registry of bulkIds. */
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
        recordKey,
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

    withBulkIds: (resolve) => (resourceType, key) => {
      const existingId = resolve(resourceType, key);
      const entry = existingId === undefined ? byRecord.get(`${resourceType} ${key}`) : undefined;
      if (entry === undefined) return existingId;
      return entry.isResolved ? entry.id : remoteId(`bulkId:${entry.bulkId}`);
    },

    resolve(bulkId, result) {
      const entry = byBulkId.get(bulkId);
      if (entry === undefined) return;
      const id =
        result.kind === 'response' && decide(result) === 'accept'
          ? parseId(getIgnoringCase(result.body, 'id'))
          : undefined;
      if (id !== undefined) entry.id = id;
      entry.isResolved = true;
      entry.markResolved();
    },

    pending: (request) => referencedBulkIds(request).filter((bulkId) => byBulkId.get(bulkId)?.isResolved === false),
    hasReference: (request) => referencedBulkIds(request).length > 0,
    hasFailedReference: (request) =>
      referencedBulkIds(request).some((bulkId) => byBulkId.get(bulkId)?.id === undefined),
    wait: (bulkId) => byBulkId.get(bulkId)?.promise ?? Promise.resolve(),

    substituteIds(request, execution) {
      const bulkIds = referencedBulkIds(request);
      const resolved = bulkIds.filter((bulkId) => byBulkId.get(bulkId)?.isResolved === true);
      if (resolved.length === 0) return request;
      if (resolved.some((bulkId) => byBulkId.get(bulkId)?.id === undefined)) {
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
    return [...new Set(quotedIds.map((text) => text.slice('"bulkId:'.length, -1)))].filter((bulkId) =>
      byBulkId.has(bulkId),
    );
  }

  function substitute(value: unknown): unknown {
    if (typeof value !== 'string' || !value.startsWith('bulkId:')) return value;
    return byBulkId.get(value.slice('bulkId:'.length))?.id ?? value;
  }
}
