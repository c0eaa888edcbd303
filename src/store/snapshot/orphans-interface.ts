import type { Instant, SourceKey } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';

/** An account at a target with an externalId that no record of the source has. */
export interface Orphan {
  readonly remoteId: string;
  readonly externalId: string;
  readonly userName: string;
  readonly isActive: boolean;
  readonly listedAt: Instant;
}

/** Accounts that no record owns, and that no operator declared not ours. */
export interface OrphanCounts {
  /** With an externalId. */
  readonly orphans: number;
  /** Without an externalId: nothing shows whose they are. */
  readonly unowned: number;
}

/** A record that may own a listed account. */
export interface PossibleOwner {
  readonly externalId: string | undefined;
  readonly userName: string | undefined;
}

/** An orphan that the snapshot took over, and its key there. */
export interface TakenOver {
  readonly key: SourceKey;
  readonly orphan: Orphan;
  /** What the list returned, as JSON. */
  readonly resource: string;
}

/** What may be asked about the orphans of one target. */
export interface OrphanView {
  counts(): Promise<OrphanCounts>;
  /** Orphans in order of their id, by page. */
  page(after: string, limit: number): Promise<readonly Orphan[]>;
  /** Orphans with this externalId, userName or id. */
  find(text: string): Promise<readonly Orphan[]>;
}

/** Finds the orphans in the list of one target. */
export interface OrphanListing {
  /**
   * Starts from the accounts of the listing cache that the snapshot does not know. Leaves out those whose externalId a
   * present record has.
   */
  beginListing(): Promise<void>;
  /** Leaves out the accounts that these records own, although the snapshot does not know it yet. */
  leaveOut(owners: readonly PossibleOwner[]): Promise<void>;
  /** Reads the rest with an externalId, by page, without those that an operator declared not ours. */
  candidates(after: string, limit: number): Promise<readonly RemoteResource[]>;
  /** The number of the rest without an externalId, without those that an operator declared not ours. */
  candidatesWithoutExternalId(): Promise<number>;
  /** Leaves out one account, such as a protected one. */
  leaveOutAccount(remoteId: string): Promise<void>;
  /**
   * Replaces the orphans of earlier listings by the rest.
   *
   * @param isComplete an incomplete listing does not prove that an account is gone, so earlier ones stay
   * @param countsUnowned accounts without an externalId are counted
   */
  commitListing(at: Instant, isComplete: boolean, countsUnowned: boolean): Promise<void>;
}

/** What an operator decides about the orphans of one target. */
export interface OrphanDecisions {
  /** Declares an account not ours. */
  declareForeign(remoteId: string): Promise<void>;
  /** Declares all accounts not ours, also those without an externalId. @returns their number */
  declareAllForeign(): Promise<OrphanCounts>;
  /**
   * Takes an orphan over into the snapshot, as the account of a user who left the source, and requeues it for a
   * planning of follow-ups.
   */
  takeOver(remoteId: string, at: Instant): Promise<TakenOver | undefined>;
  /**
   * Makes those accounts orphans again whose removal the last pass held: an operator may find that they are not ours.
   *
   * @returns their number
   */
  giveBackHeld(accounts: readonly TakenOver[]): Promise<number>;
}

/** All of it. */
export interface Orphans extends OrphanView, OrphanListing, OrphanDecisions {}
