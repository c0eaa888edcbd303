import type { SourceKey } from './ids.ts';
import type { ResourceType } from './resource-type.ts';
import type { FlatResource, Json } from './resource.ts';

/** One attribute that changes. `from` is null where nothing was there, `to` is null where nothing remains. */
export interface Edit {
  readonly path: string;
  readonly from: Json;
  readonly to: Json;
}

/** One end of a membership. */
export interface Member {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}

interface OperationBase {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** What a person calls it: userName or displayName. */
  readonly name: string;
  /** Why, in words for the journal: "left the source", "displayName changed". */
  readonly reason: string;
}

/**
 * One change of one resource at one target, in our own keys. Remote ids are looked up when the operation is said,
 * so a membership can be planned before the group or the person exists there.
 */
export type Operation =
  /** `body` is the whole resource as it will be known once the target has acknowledged. */
  | (OperationBase & { readonly action: 'create'; readonly body: FlatResource })
  | (OperationBase & {
      readonly action: 'update' | 'deactivate' | 'reactivate';
      readonly edits: readonly Edit[];
      readonly body: FlatResource;
    })
  | (OperationBase & { readonly action: 'delete' })
  /**
   * Finds out whether a create that never got an answer took effect, for somebody who is not wished there any more: if it
   * did, the account becomes ours and is removed like any other.
   */
  | (OperationBase & { readonly action: 'verifyCreate'; readonly body: FlatResource })
  /** At most the profile's `membersPerRequest` in total. Both lists travel in one request, removals first. */
  | (OperationBase & {
      readonly action: 'members';
      readonly add: readonly Member[];
      readonly remove: readonly Member[];
    });

export type ResourceOperation = Exclude<Operation, { action: 'members' }>;
export type EditOperation = Extract<Operation, { action: 'update' | 'deactivate' | 'reactivate' }>;
export type MembersOperation = Extract<Operation, { action: 'members' }>;
