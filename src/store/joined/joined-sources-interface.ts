import type { Instant, SourceKey } from '../../model/ids.ts';
import type { Attributes, JoinedRecord } from '../../model/record.ts';
import type { Judgements } from '../../model/reading/judgement.ts';
import type { Mirror, MirrorView } from '../mirror/mirror-interface.ts';

/** Why the readings of a joined source are not accepted. */
export interface JoinedFailure {
  /** When a pass first did not accept one after the last accepted reading. */
  readonly since: Instant;
  readonly code: string;
  readonly message: string;
  /** Why the reading is implausible; undefined: it was incomplete. */
  readonly judgements?: Judgements | undefined;
}

/** How far users are joined with a source. */
export interface JoinState {
  readonly primaryReading: number;
  readonly joinedReading: number;
  readonly signature: string;
  /** The attributes that the last accepted reading kept; undefined: all. */
  readonly usedAttributes: readonly string[] | undefined;
  readonly failure: JoinedFailure | undefined;
  readonly groups: GroupState;
}

/** How far the groups of a joined source are in the mirror of the primary source. */
export interface GroupState {
  readonly reading: number;
  /** How the last accepted reading named groups; empty: it read none. */
  readonly signature: string;
  /** The attributes of groups that the last accepted reading kept; undefined: all. */
  readonly usedAttributes: readonly string[] | undefined;
}

/** A user of the primary source, or a record of the joined one, that changed. */
export interface ChangedRecord {
  readonly key: SourceKey;
  /** Undefined: it left its source. */
  readonly attributes: Attributes | undefined;
}

/** The value by which a changed record is joined. */
export interface JoinValue {
  readonly key: SourceKey;
  /** It left its source. */
  readonly isRemoved: boolean;
  /** Undefined: it has none. */
  readonly value: string | undefined;
}

/** Numbers of a joined source. */
export interface JoinCounts {
  readonly joined: number;
  readonly missing: number;
  /** Users who are not joined because several records or several users have the value. */
  readonly ambiguous: number;
  /** The first values that several records or several users have. */
  readonly ambiguousValues: readonly AmbiguousValue[];
  /** Groups of the source. */
  readonly groups: number;
  /** Memberships of users and groups in them. */
  readonly memberships: number;
  /** Records of users that are members of groups and are joined to no user: they are left out. */
  readonly unjoinedMembers: number;
}

/** A value of a join that is not unique. */
export interface AmbiguousValue {
  readonly value: string;
  /** Keys of the first users and of the first records of the joined source that have it. */
  readonly users: readonly string[];
  readonly records: readonly string[];
}

/** Users who had a record of the joined source until now, and of them those who have none any more. */
export interface LostJoins {
  readonly before: number;
  /** Users of the source only: those who left it are not counted. */
  readonly lost: number;
}

/** One side of a join. */
export type JoinSide = 'primary' | 'joined';

/** What the state knows of a joined source. */
export interface JoinedView {
  readonly name: string;
  readonly mirror: MirrorView;
  state(): JoinState;
  /** @param limit number of values that are not unique */
  counts(limit: number): JoinCounts;
}

/** A source whose records are joined to the users of the primary source. */
export interface JoinedSource extends JoinedView {
  readonly mirror: Mirror;
  saveFailure(failure: JoinedFailure | undefined): void;
  /**
   * Whether the last accepted reading lacks attributes that are used now. While it does, no user is compared with it.
   * A change makes candidates of all users.
   */
  saveUsable(isUsable: boolean): void;
  /** Forgets all join values, to join all users again. What users have stays until `join`. */
  forgetValues(): void;
  /**
   * Changed records of one side, by page. The first page selects them.
   *
   * @param since the reading after which they changed
   */
  changed(
    side: JoinSide,
    since: number,
    after: number,
    limit: number,
  ): { readonly page: readonly ChangedRecord[]; readonly next: number | undefined };
  /** Stores the values of changed records, and marks the users concerned. */
  saveValues(side: JoinSide, values: readonly JoinValue[]): void;
  /** The same for users only who have none yet, while no reading of the source is accepted. Users keep their values. */
  saveNewValues(values: readonly JoinValue[]): void;
  /** Joins the marked users, and makes candidates of those who changed. */
  join(): LostJoins;
  /**
   * The same while no reading of the source is accepted: it joins only users who have a record in the last accepted
   * reading. The others are compared with the next accepted one.
   */
  joinNew(): void;
  /** Records up to which readings users are joined. */
  saveJoined(state: Pick<JoinState, 'primaryReading' | 'joinedReading' | 'signature' | 'usedAttributes'>): void;
  /**
   * Writes groups and memberships to the mirror of the primary source, after users are joined.
   *
   * @param keeps the states of users who keep the memberships that they have in groups of this source
   */
  openGroups(keeps: readonly JoinedRecord['state'][]): GroupProjection;
  /** Records up to which reading the groups are in the mirror of the primary source. */
  saveGroupState(state: GroupState): void;
}

/** Writes the groups of a joined source to the mirror of the primary source, by one reading number of that mirror. */
export interface GroupProjection {
  /** Changed groups, by page. The first page selects them. @param since the reading after which they changed; 0: all */
  changedGroups(
    since: number,
    after: number,
    limit: number,
  ): { readonly page: readonly ChangedRecord[]; readonly next: number | undefined };
  /** Stores changed groups with the attributes that they have for the rules of targets. */
  saveGroups(groups: readonly ChangedRecord[]): void;
  /** Stores the memberships that changed, and those of users whose record changed. @param since 0: all */
  saveMemberships(since: number): void;
  /** Makes candidates of what changed, at every target. */
  finish(): void;
}

/** The joined sources of a configuration. */
export interface JoinedSources {
  /** Opens the source with this name; a new one has an empty mirror. */
  open(name: string): JoinedSource;
  /** The source with this name; undefined: no pass read it. */
  find(name: string): JoinedView | undefined;
  /** Forgets all other sources. */
  retain(names: readonly string[]): void;
}
