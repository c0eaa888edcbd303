/** A value that only one user or group has at a target. */
export interface UniqueValue {
  /** The path of the mapping entry. */
  readonly path: string;
  readonly value: string;
}

/** The form in which unique values are compared: without case, as userName and e-mail addresses are (RFC 7643, 4.1). */
export const foldUnique = (value: string): string => value.toLowerCase();
