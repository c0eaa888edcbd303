import { createHash } from 'node:crypto';
import type { Encoding } from '../../model/reading/encodings.ts';
import type { Cells } from './cells.ts';
import type { ContentState } from './content.ts';
import type { KnownBlocks, RowBlock } from '../source.ts';
import type { Header } from './header.ts';
import type { Table } from './settings.ts';

/** The raw bytes of one record, without the line break that ends it; line breaks inside it are single line feeds. */
export interface RawRecord {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly bytes: Buffer;
}

/** Consecutive records, and the blocks that contain them, if the format has blocks. */
export interface RecordList {
  readonly records: readonly RawRecord[];
  readonly blocks?: readonly RowBlock[];
}

/** A part of the source, and its state when it was opened. */
export interface OpenTable {
  /** With the delimiter that the content itself names, where none is configured. */
  readonly table: Table;
  readonly state: ContentState;
  readonly header: Header;
  /** The encoding in which it is read. */
  readonly encoding: Encoding;
  /** The bytes are UTF-8, although another encoding is configured. */
  readonly isMisread: boolean;
  /** What decides how the bytes of a row become cells, besides the header: delimiter, encoding, line ends. */
  readonly layout: readonly string[];
  /**
   * The records with rows, without blank ones. Their bytes are valid until the next list is requested.
   *
   * @param known blocks of records that are left out; undefined: no block is left out
   * @throws IncompleteReading, at the end too, where the content has changed since it was opened
   */
  records(signal: AbortSignal, known?: KnownBlocks): AsyncGenerator<RecordList>;
  /** Parses records, one result for each, in their order. An invalid record does not affect the others. */
  parse(records: readonly Buffer[]): readonly Cells[];
  /** The encoding in which it is plausible text and has these values; undefined: its own one, or none. */
  fittingEncoding(known: readonly string[], signal: AbortSignal): Promise<string | undefined>;
}

/** A hash of the content of all parts, in hex. */
export function fingerprintOf(openTables: readonly OpenTable[]): string {
  return createHash('sha256')
    .update(JSON.stringify(openTables.map(({ table, state }) => [table.part, state.sha256])))
    .digest('hex');
}
