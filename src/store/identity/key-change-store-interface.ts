import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { MemberCounts } from './member-comparison.ts';

/**
 * A reused key has `from` and `to` equal: the key of a user with an account names another person now. It waits in the
 * same way.
 *
 * A user or group whose key in the source changed: the record with key `from` is no longer in the source, and a new
 * record with the key `to` seems to be the same person or group. Until an operator decides, a user counts as unchanged,
 * and a group keeps its old key.
 */
export interface KeyChange {
  readonly resourceType: ResourceType;
  readonly from: SourceKey;
  readonly to: SourceKey;
  /** The userName, e-mail address or displayName that both have, for messages. */
  readonly name: string;
  /** Why both seem to be the same person, as a continuation: "same userName and name". */
  readonly reason: string;
  /** When a reading showed it for the first time. */
  readonly since: Instant;
}

/** The key changes that wait for a decision: the first ones, and their number. */
export interface KeyChanges {
  readonly total: number;
  /** How many of them are groups. */
  readonly groups: number;
  /** How many of them are keys that name another person. */
  readonly reused: number;
  readonly first: readonly KeyChange[];
}

/** The numbers of users and groups whose key changed in a reading. */
export interface KeyChangeCounts {
  readonly users: number;
  readonly groups: number;
}

/** The key changes of one reading. */
export interface FoundKeyChanges extends KeyChangeCounts {
  /** How many old keys name another user in this reading. */
  readonly reusedKeys: number;
}

/** An old key, and the key that the source has now. */
export interface KeyPair {
  /** Undefined: that of a user, unless only a group has the old key. */
  readonly resourceType?: ResourceType;
  readonly from: string;
  readonly to: string;
}

/** Why a pair cannot be relinked. */
export interface RelinkProblem extends KeyPair {
  readonly code: 'unknownKey' | 'hasAccount' | 'notInSource' | 'stillActive' | 'samePerson';
  /** The target at which the new key has an account of its own. */
  readonly target: string | undefined;
}

/** By which signs two users are one person, and two groups one group (plan/key-change.ts). */
export interface KeyChangeRules {
  /** Changes whenever a user may have other tokens for the same attributes. */
  readonly rules: string;
  /** The values of tokens with the same text fold to the same text. */
  readonly tokensOf: (user: SourceRecord) => readonly {
    readonly text: string;
    readonly isStrong: boolean;
    readonly value: string;
    readonly reason: string;
    readonly fullName?: string | undefined;
  }[];
  /** Whether a key names another person now: that person, and why; undefined: the same person. */
  readonly otherPerson: (
    before: SourceRecord,
    now: SourceRecord,
  ) => { readonly name: string; readonly reason: string } | undefined;
  /** The time at which users are inactive, or have no access any more. */
  readonly at: Instant;
  /** The displayName of a group, and the form in which it is compared. */
  readonly groupNameOf: (group: SourceRecord) => { readonly value: string; readonly folded: string } | undefined;
  /** Why two groups with one displayName are one group, by their keys and members; undefined: they are two. */
  readonly reasonOfGroup: (pair: MemberCounts & { readonly from: string; readonly to: string }) => string | undefined;
  readonly doWeakSignsCount: (weakPairs: number, vanished: number) => boolean;
}

/** Keys of the state that have one form. */
export interface StoredKeys {
  readonly form: string;
  readonly keys: readonly { readonly key: string; readonly isPresent: boolean; readonly hasAccount: boolean }[];
}

/** Users and groups whose key in the source changed, or seems to have changed. */
export interface KeyChangeView {
  /** The changes that no operator has decided yet. */
  pending(): KeyChanges;
  /** All of them, as pairs of keys. */
  pendingPairs(): readonly KeyPair[];
  /** The pending change from or to this key; undefined type: of a user, or of a group. */
  pendingOf(key: string, resourceType?: ResourceType): KeyChange | undefined;
  /** The old key of a pending change to this key. Synchronous: planning asks for single references. */
  pendingFrom(to: SourceKey): SourceKey | undefined;
  /** The new key of a pending change from this key. Synchronous: planning asks for single records. */
  pendingTo(resourceType: ResourceType, from: SourceKey): SourceKey | undefined;
  /**
   * The key that a user or group has now, also for a key in another form; the same key where it never changed.
   * Undefined type: a user, or else a group.
   */
  currentKey(key: string, resourceType?: ResourceType): string;
  /** Why some of these pairs cannot be relinked; empty: all can. */
  problems(pairs: readonly KeyPair[]): readonly RelinkProblem[];
  /**
   * Pairs that contradict the source as it was read last: the source does not have the new key, or has the old one as
   * an active record of its own.
   */
  contradictions(pairs: readonly KeyPair[]): readonly RelinkProblem[];
}

/** Moves keys to another form. */
export interface KeyMoves {
  /** The keys that are not in this form, with all other keys of the same form. Reads every key. */
  keysNotInForm(resourceType: ResourceType, canonicalKey: (key: string) => string): Promise<readonly StoredKeys[]>;
  /** Moves records of this type to other keys. */
  moveKeys(resourceType: ResourceType, pairs: readonly KeyPair[], at: Instant): Promise<void>;
}

/** What an operator decides about changed keys. */
export interface KeyDecisions {
  /** Moves accounts, memberships and history to the new keys. A reused key names the same person as before. */
  relink(pairs: readonly KeyPair[], at: Instant): Promise<void>;
  /** The keys belong to different people: the next pass removes one and creates the other. */
  markAsDifferent(pairs: readonly KeyPair[], at: Instant): Promise<void>;
}

/** All of it. */
export interface KeyChangeStore extends KeyChangeView, KeyMoves, KeyDecisions {}
