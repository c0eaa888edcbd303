import { readLines } from '../json/lines.ts';
import type { Spool } from '../table/spool.ts';

/** Objects written at once. */
const batchSize = 1000;

/** Writes one JSON object in each line. */
export async function writeLines(spool: Spool, rows: readonly object[]): Promise<void> {
  for (let at = 0; at < rows.length; at += batchSize) {
    const lines = rows.slice(at, at + batchSize).map((row) => `${JSON.stringify(row)}\n`);
    await spool.write(Buffer.from(lines.join('')));
  }
}

/** Copies rows, and replaces the id in one column by the key of its user. An unknown id is left out. */
export async function replaceReferences(
  from: Spool,
  to: Spool,
  column: string,
  keys: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  for await (const records of readLines(from.content('list').chunks(signal), 'list'))
    await writeLines(
      to,
      records.map(({ bytes }) => {
        const row = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
        const id = row[column];
        return typeof id === 'string' ? { ...row, [column]: keys.get(id) ?? null } : row;
      }),
    );
}
