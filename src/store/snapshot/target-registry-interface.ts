import type { Instant } from '../../model/ids.ts';
/** A target as the state knows it. */
export interface RegisteredTarget {
  readonly name: string;
  /** Its address, without credentials. Undefined: an earlier version recorded the target, or it was forgotten. */
  readonly url: string | undefined;
  /** When `target forget` last ended the management of its accounts; undefined: it did not. */
  readonly forgottenAt: Instant | undefined;
  /** Users and groups that the target is known to hold. */
  readonly accounts: number;
  /** Accounts that may exist, although the target never acknowledged the create. */
  readonly uncertain: number;
}

/** The targets that the state knows. */
export interface TargetRegistryView {
  all(): Promise<readonly RegisteredTarget[]>;
}

/** The addresses of targets. */
export interface TargetAddresses {
  /** Records the address of a target, as `targetUrlIdentity` returns it. */
  saveUrl(name: string, url: string): Promise<void>;
}

/** The targets that the state knows, and what an operator decides about them. */
export interface TargetRegistry extends TargetRegistryView, TargetAddresses {
  /** Forgets accounts, memberships and address of a target. Its accounts stay as they are; the journal stays, too. */
  forget(name: string, at: Instant): Promise<void>;
  /** Renames a target. A target that has the new name must hold nothing; its journal is joined with this one. */
  rename(name: string, newName: string): Promise<void>;
}
