import type { RejectedSubject } from './rejected-subject.ts';
import type { SourceRecord } from '../record.ts';
import type { SourcePart } from '../row.ts';

/** A row of the source that the mirror does not accept, with the reason. */
export interface Rejection {
  readonly part: SourcePart;
  readonly line: number;
  readonly key: string | undefined;
  readonly reason: string;
}

/** How many rejected rows, and how many users and groups that wait for them, a pass and `status` name. */
export const maxNamedRejections = 20;

/**
 * The rejected rows of one reading whose subject is not certain: which records and memberships that are absent from the
 * reading could they be? Only these are kept.
 */
export interface RejectedRows {
  /** @param line identifies the row */
  add(part: SourcePart, line: number, subject: RejectedSubject): void;
  /** Whether a row of the part was added. */
  has(part: SourcePart): boolean;
  /** The line of a row that could be this absent record. */
  recordLine(part: SourcePart, record: SourceRecord): number | undefined;
  /** The line of a row that could be this absent membership. */
  membershipLine(group: string, member: string): number | undefined;
  /** The line of a users' row that could name this group, which has no member. */
  groupColumnLine(group: string): number | undefined;
}
