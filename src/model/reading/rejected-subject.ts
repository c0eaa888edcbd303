/** What is known of the record or membership that a rejected row was meant to be. */
export type RejectedSubject =
  /** The record with the key of the row, or the one that has had these handles under another key, and no other one. */
  | { readonly kind: 'record'; readonly handles?: readonly string[] | undefined }
  /** A membership of this group, or of this member; undefined: of any, because the row lacks it. */
  | { readonly kind: 'membership'; readonly group: string | undefined; readonly member: string | undefined }
  | UnknownSubject;

/** A row that cannot be assigned to a record with certainty. */
export interface UnknownSubject {
  readonly kind: 'unknown';
  /** Its raw text. */
  readonly text: string;
  /** Cells that could be the key. */
  readonly keyCells: readonly string[];
  /** The cell after which the row ends, where it could be the first part of the key. */
  readonly cutKey?: string | undefined;
  /** Cells that could be the member of a membership; undefined: the row ends before. Only in memberships. */
  readonly memberCells?: readonly string[] | undefined;
  /** Handles of the record, where the source has them: they are certain. */
  readonly handles?: readonly string[] | undefined;
  /** The configuration leaves the row out; it is a rejected row only if an absent record could be meant. */
  readonly isExcluded?: boolean | undefined;
}
