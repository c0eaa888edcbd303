import type { OpenSource, SourcePart, ParsedRow, UsedAttributes } from '../source/source.ts';

/** What a reading of everything gives, without anything being kept of it. */
export interface TestRead {
  /** Rows that can be believed, by part. */
  readonly rows: Readonly<Record<SourcePart, number>>;
  /** Whether the next reading can go on from here, and needs no more than what changed. */
  readonly supportsIncremental: boolean;
  readonly rejected: number;
  /** The first of those that cannot. */
  readonly rejections: readonly { readonly part: SourcePart; readonly line: number; readonly reason: string }[];
}

const maxRejections = 5;

/**
 * Reads a source to its end, as a pass would: whether a limit of the server, a right or a row is in the way shows only there.
 *
 * @throws IncompleteReading
 */
export async function testRead(open: OpenSource, uses: UsedAttributes, signal: AbortSignal): Promise<TestRead> {
  const rows: Record<SourcePart, number> = { users: 0, groups: 0, nested: 0, memberships: 0 };
  const rejections: TestRead['rejections'][number][] = [];
  let rejected = 0;
  const count = (part: SourcePart, row: ParsedRow): void => {
    if (row.kind !== 'rejected') rows[part] += 1;
    else {
      rejected += 1;
      if (rejections.length < maxRejections) rejections.push({ part, line: row.line, reason: row.reason });
    }
  };
  const reading = await open.read(uses, undefined, signal);
  for await (const batch of reading.batches) {
    signal.throwIfAborted();
    for (const row of batch.parse(batch.rows.map((_row, index) => index))) count(batch.part, row);
  }
  return { rows, supportsIncremental: reading.bookmark() !== undefined, rejected, rejections };
}
