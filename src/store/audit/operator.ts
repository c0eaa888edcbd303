/** A user of the operating system, and the computer. */
export interface Operator {
  readonly name: string;
  readonly host: string;
}

/** The operator of a row of the journal; undefined: an earlier version wrote it. */
export const operatorOf = (name: string | null, host: string | null): Operator | undefined =>
  name === null ? undefined : { name, host: host ?? 'unknown' };
