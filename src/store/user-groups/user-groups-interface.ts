import type { SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';

/** The groups of users in the mirror. It caches groups, so open one for each planning. */
export interface UserGroupLookup {
  /** The same records in the same order; users have their groups. */
  addGroups(records: readonly SourceRecord[]): Promise<readonly SourceRecord[]>;
}

/** A group of the source that changed since the target was last planned. */
export interface ChangedGroup {
  readonly key: SourceKey;
  /** Undefined if the source no longer contains it. */
  readonly record: SourceRecord | undefined;
  /** What the rules of the target saw of it when they were last planned; undefined: it was not there. */
  readonly role: string | undefined;
}

/** What a group is for the rules of a target; undefined: the source does not contain it. */
export interface GroupRole {
  readonly key: SourceKey;
  readonly role: string | undefined;
}

/** The groups of users in the mirror, with what the rules of a target may use. */
export interface UserGroupLookups {
  openLookup(): UserGroupLookup;
}

/** The groups of users, and which users a change of groups concerns, for a target whose rules use groups. */
export interface TargetUserGroups extends UserGroupLookups {
  /** Selects the groups that changed after this reading. `all`: all groups, and no group keeps its stored role. */
  selectChanged(after: number | 'all'): Promise<void>;
  /** A page of the selected groups. */
  changed(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly ChangedGroup[]; readonly next: number | undefined }>;
  /** Stores the roles of selected groups; the users in them are concerned. */
  saveRoles(groups: readonly GroupRole[]): Promise<void>;
  /**
   * Adds to the candidates the users in groups whose role was saved since `selectChanged`, and the users whose
   * memberships changed after this reading, directly or through other groups.
   */
  selectConcernedUsers(after: number): Promise<void>;
}
