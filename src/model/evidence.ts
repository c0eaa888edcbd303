import type { Instant, RemoteId } from './ids.ts';
import type { ResourceType } from './resource-type.ts';

/**
 * How strongly a target showed the result of an operation.
 *
 *     answered   a success status, without the resource
 *     shown      the response shows the resource as it was sent
 *     read       a later read shows it
 */
export type Evidence = 'answered' | 'shown' | 'read';

/** How many writes are read back after the target answered them. */
export interface VerificationLimits {
  /** Removals of one pass that are all read back; beyond this number a share is. */
  readonly removals: number;
  /** Share of the removals beyond that number, from 0 to 1. */
  readonly removalsShare: number;
  /** Other writes: number of the first ones of each kind that are read back. */
  readonly firstWrites: number;
  /** Share of the writes after those, from 0 to 1. */
  readonly writesShare: number;
  /** Time between a removal and the second look at it, in ms. */
  readonly secondLookMs: number;
}

/** The change that a kind of write makes. Additions to an empty group are a kind of their own. */
export type SampledAction = 'create' | 'update' | 'delete' | 'firstMembers' | 'addMembers' | 'removeMembers';

/** What reads have shown of one kind of write at a target. */
export interface SampledKind {
  readonly resourceType: ResourceType;
  readonly action: SampledAction;
  /** Writes in a row that a read confirmed. */
  readonly confirmed: number;
}

/** By the name of the kind: `update of users by PATCH inside Bulk`. */
export type SampleState = Readonly<Record<string, SampledKind>>;

/** 1: in the pass of the removal. 2: in a later pass, because a later state at the target can undo it. */
export type Look = 1 | 2;

/** A removal whose effect is to be read back. */
export interface PendingVerification {
  readonly remoteId: RemoteId;
  readonly look: Look;
  readonly due: Instant;
  /** The answer or a read has shown the removal; a look only searches for other accounts, or is the second one. */
  readonly isSeen: boolean;
  /** Other accounts that carry this externalId are to be removed, too; undefined: there is nothing to search by. */
  readonly externalId: string | undefined;
  /** A create of the account was sent without an answer: it is looked at in any case. */
  readonly mayHaveDuplicates: boolean;
  /** Removals of the account in a row without a proven effect, before this one. Above 0, it is read in any case. */
  readonly unprovenRemovals: number;
}
