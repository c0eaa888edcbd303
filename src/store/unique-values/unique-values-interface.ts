import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { UniqueValue } from '../../model/target/unique-value.ts';

/** A record that may get a value, or has it. */
export interface ValueOwner {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}

/** Why a record cannot have a value. */
export type ValueHolder =
  /** The value is assigned to this record, or its account has it. */
  | { readonly kind: 'record'; readonly key: SourceKey }
  /** A listed account that no record owns has it. */
  | { readonly kind: 'account'; readonly id: string }
  /** The target refused it for this record. */
  | { readonly kind: 'target' };

/** A record without a value at a path, and the values that it may have, in the order in which they are tried. */
export interface WaitingForValue extends ValueOwner {
  readonly path: string;
  readonly values: readonly string[];
  /** The externalId that its account gets. */
  readonly externalId: string | undefined;
}

/** Who has which unique value. Synchronous, because planning asks for single records. */
export interface UniqueValueLookups {
  /** The values that are assigned to a record, by path. */
  of(owner: ValueOwner): FlatResource;
  /** The record to which the value is assigned. */
  ownerOf(resourceType: ResourceType, value: UniqueValue): SourceKey | undefined;
  /**
   * Who has a value, except the record itself.
   *
   * @param externalId that of the record: a listed account that carries it is the record's own
   */
  holderOf(owner: ValueOwner, value: UniqueValue, externalId: string | undefined): ValueHolder | undefined;
}

/**
 * The values that only one record has at this target. A value stays with its record until the record's account is
 * deleted.
 */
export interface UniqueValues extends UniqueValueLookups {
  /** Whether a listed account without an externalId has this userName: nothing shows whose it is. */
  hasUnownedAccount(owner: ValueOwner, value: UniqueValue): boolean;
  /** Assigns a value that no other record has, in place of the earlier one. */
  assign(owner: ValueOwner, value: UniqueValue): void;
  /** Frees the values of a record, or the one at a path. */
  release(owner: ValueOwner, path?: string): void;
  /**
   * Frees the values at all other paths, and those of records that left the source without an account. Forgets refusals
   * before a time.
   */
  retain(paths: Readonly<Record<ResourceType, readonly string[]>>, refusedSince: Instant): void;
  /** Starts the list of records that wait for a value in one planning. */
  clearWaiting(): void;
  addWaiting(waiting: WaitingForValue): void;
  /** The records that wait, by page: shorter keys first, so that the number 9 comes before 10, then by key. */
  waiting(after: WaitingForValue | undefined, limit: number): readonly WaitingForValue[];
}
