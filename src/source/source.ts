import type { Attributes, Edge, SourceRecord } from '../model/record.ts';

/** Which part of the source a row belongs to. */
export type Part = 'users' | 'groups' | 'memberships';

export interface Columns {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** Which attributes the mappings, scopes and keys need; undefined where an expression computes a name, so that all are needed. */
export interface Uses {
  readonly users: ReadonlySet<string> | undefined;
  readonly groups: ReadonlySet<string> | undefined;
}

/**
 * Where people and groups come from.
 *
 * A reading is given as rows with a digest of their raw bytes, so that a row that did not change since the last
 * reading is never parsed. Reading ends normally only if it was complete; otherwise it throws IncompleteReading.
 */
export interface Source {
  /** What it is, for messages: "CSV files people.csv, teams.csv". */
  readonly label: string;
  /** Opens the source. Reads as little as is needed to know its attributes. @throws IncompleteReading */
  open(signal: AbortSignal): Promise<OpenSource>;
}

export interface OpenSource {
  readonly columns: Columns;
  /** Changes whenever anything in the source changes; equal fingerprints need no reading. */
  readonly fingerprint: string;
  /**
   * Changes whenever equal raw bytes could mean another record: other columns, key, delimiter, encoding, `active`, or attributes used.
   */
  shape(uses: Uses): string;
  /** The parts in the order in which they are to be read: users, groups, memberships. A part that is not configured is left out. */
  read(uses: Uses, signal: AbortSignal): AsyncIterable<RowBatch>;
}

/** Some rows of one part, in source order. */
export interface RowBatch {
  readonly part: Part;
  readonly rows: readonly Row[];
  /** Parses the rows with these indices (into `rows`), in that order. Called at most once, before the next batch is asked for. */
  parse(indices: readonly number[]): readonly ParsedRow[];
}

export interface Row {
  /** Where it begins, for messages: a line number counted from 1. */
  readonly line: number;
  /** 16 bytes. */
  readonly digest: Buffer;
}

export type ParsedRow =
  /** `groups`: keys of the groups named in the groups column; undefined where groups do not come from a column. */
  | { readonly kind: 'record'; readonly record: SourceRecord; readonly groups: readonly string[] | undefined }
  | { readonly kind: 'edge'; readonly edge: Edge }
  /** A row that cannot be believed. With one of them in a reading, nobody counts as gone. */
  | { readonly kind: 'rejected'; readonly line: number; readonly key: string | undefined; readonly reason: string };

export type { Attributes };
