import type { SourceKey } from './ids.ts';
import type { ResourceType } from './resource-type.ts';

/** Names a record in a map: `User:4711`. */
export type RecordKey = `${ResourceType}:${string}`;

/** Combines resource type and key: a user and a group may have the same key. */
export const recordKey = ({
  resourceType,
  key,
}: {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}): RecordKey => `${resourceType}:${key}`;
