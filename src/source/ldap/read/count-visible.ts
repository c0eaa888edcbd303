import { pagedSearch } from '../protocol/paged.ts';
import type { DirectoryIo } from './incremental-read.ts';

/**
 * Counts the users and groups that the account can see now, without their attributes (RFC 4511 section 4.5.1.8: "1.1").
 *
 * @throws IncompleteReading
 */
export async function countVisible(
  { client, pageSize, timeoutMs, parts }: Pick<DirectoryIo, 'client' | 'pageSize' | 'timeoutMs' | 'parts'>,
  signal: AbortSignal,
): Promise<{ readonly users: number; readonly groups: number }> {
  const counts = { users: 0, groups: 0 };
  for (const { part, base, filter } of parts) {
    if (part === 'nested') continue;
    const search = { base, scope: 'sub', filter, attributes: ['1.1'], timeoutMs } as const;
    for await (const entries of pagedSearch(client, search, pageSize, signal)) counts[part] += entries.length;
  }
  return counts;
}
