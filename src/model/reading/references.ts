/**
 * What references between records are about. `members`: members of groups · `groups`: groups named in memberships ·
 * `managers`: managers of users.
 */
export type ReferenceKind = 'members' | 'groups' | 'managers';

/** The references of one kind. */
export interface ReferenceCounts {
  readonly total: number;
  /** References to no record that the source ever had. */
  readonly dangling: number;
  /** References to records that left the source. */
  readonly left: number;
}

/** A key or handle to which references point although no record has it. */
export interface DanglingReference {
  readonly name: string;
  readonly references: number;
  /** A record had it, and left the source. */
  readonly hasLeft: boolean;
}

/** A handle that several entries share, so that a reference to it names no entry. */
export interface AmbiguousHandle {
  /** `login:ada`, or a DN in normalised form: `dn:…`. */
  readonly handle: string;
  readonly owners: readonly { readonly key: string; readonly dn: string | undefined }[];
  readonly references: number;
}

/** The references of the mirror after a reading. */
export interface ReferenceReport {
  /** Undefined: an incremental reading does not count all references. */
  readonly counts: Readonly<Partial<Record<ReferenceKind, ReferenceCounts>>> | undefined;
  /**
   * In a directory: references that pointed to a record in the last reading, and now point nowhere, although that
   * record is still in the source.
   */
  readonly lost: Readonly<Record<ReferenceKind, number>>;
  /** The first of the handles that several entries share and that are referenced, and their number. */
  readonly ambiguous: { readonly total: number; readonly first: readonly AmbiguousHandle[] };
}
