import { ReadAgain } from '../../model/errors.ts';
import type { Named } from '../../model/record.ts';
import type { RowBatch } from '../source.ts';
import { batchOf, type Numbering } from './batches.ts';
import type { DirectoryIo } from './changes.ts';
import { completed } from './completion.ts';
import { and, or } from './filter.ts';
import { identityFilter } from './identity.ts';
import { pagedSearch } from './paged.ts';

/** Identities in one filter. */
const idsAtOnce = 100;
/** Past this, reading everything costs hardly more. */
const most = 2_000;

/**
 * Reads these entries once more, whether they changed or not.
 *
 * @throws ReadAgain where one of them is not found any more, or there are too many; IncompleteReading
 */
export async function* readAgain(io: DirectoryIo, named: readonly Named[], signal: AbortSignal): AsyncGenerator<RowBatch> {
  const { client, pageSize, timeoutMs } = io;
  if (named.length > most) throw new ReadAgain(`more than ${most} entries name somebody whose name changed`);
  for (const part of io.parts) {
    const handles = named.filter((one) => one.part === part.part).map(({ handle }) => handle);
    const numbering: Numbering = { next: 1 };
    for (let at = 0; at < handles.length; at += idsAtOnce) {
      const some = handles.slice(at, at + idsAtOnce);
      const filter = and(part.filter, or(...some.map((handle) => identityFilter(part.rules.kind.id, handle))));
      let found = 0;
      for await (const entries of pagedSearch(client, { base: part.base, scope: 'sub', filter, attributes: part.attributes, timeoutMs }, pageSize, signal)) {
        found += entries.length;
        yield batchOf(part, await completed(part, entries, io.completion, signal), numbering);
      }
      if (found < some.length) throw new ReadAgain('entries that name somebody whose name changed are not there any more');
    }
  }
}
