import type { OpenSource, Part, ParsedRow, Uses } from '../source/source.ts';

/** What a reading of everything gives, without anything being kept of it. */
export interface TrialReading {
  /** Rows that can be believed, by part. */
  readonly rows: Readonly<Record<Part, number>>;
  /** Whether the next reading can go on from here, and needs no more than what changed. */
  readonly goesOn: boolean;
  readonly rejected: number;
  /** The first of those that cannot. */
  readonly rejections: readonly { readonly part: Part; readonly line: number; readonly reason: string }[];
}

const rejectionsKept = 5;

/**
 * Reads a source to its end, as a pass would: whether a limit of the server, a right or a row is in the way shows only there.
 *
 * @throws IncompleteReading
 */
export async function trialReading(open: OpenSource, uses: Uses, signal: AbortSignal): Promise<TrialReading> {
  const rows: Record<Part, number> = { users: 0, groups: 0, nested: 0, memberships: 0 };
  const rejections: TrialReading['rejections'][number][] = [];
  let rejected = 0;
  const count = (part: Part, row: ParsedRow): void => {
    if (row.kind !== 'rejected') rows[part] += 1;
    else {
      rejected += 1;
      if (rejections.length < rejectionsKept) rejections.push({ part, line: row.line, reason: row.reason });
    }
  };
  const reading = await open.read(uses, undefined, signal);
  for await (const batch of reading.batches) {
    signal.throwIfAborted();
    for (const row of batch.parse(batch.rows.map((_row, index) => index))) count(batch.part, row);
  }
  return { rows, goesOn: reading.bookmark() !== undefined, rejected, rejections };
}
