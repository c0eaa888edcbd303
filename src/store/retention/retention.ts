import { openChain } from '../chain/chain.ts';
import type { Db } from '../database.ts';
import { openFreePages } from './free-pages.ts';
import { openPackPayloads } from './pack-payloads.ts';
import { openPruneDecisions } from './prune-decisions.ts';
import { openPruneJournal } from './prune-journal.ts';
import { openPruneMirror } from './prune-mirror.ts';
import { openMergeRepeated } from './merge-repeated.ts';
import type { Retention, RetentionStep } from './retention-interface.ts';
import { rewrite } from './rewrite.ts';

/**
 * Opens the retention.
 *
 * @param inTransaction runs work in a transaction after those that wait
 * @param alone runs work while no transaction is open
 */
export function openRetention(
  db: Db,
  inTransaction: (work: () => void) => Promise<void>,
  alone: <T>(work: () => T) => Promise<T>,
): Retention {
  // Opened when it is first needed: a command that changes one row does not need the statements.
  let inSlices: readonly RetentionStep[] | undefined;
  const chain = openChain(db);
  const freePages = openFreePages(db);
  let current = 0;
  return {
    async tidy(limits) {
      inSlices ??= [
        () => chain.extend(),
        openMergeRepeated(db),
        openPackPayloads(db),
        openPruneJournal(db),
        openPruneDecisions(db),
        openPruneMirror(db),
      ];
      while (current < inSlices.length) {
        const step = inSlices[current];
        let hasMore = false;
        await inTransaction(() => {
          hasMore = step?.(limits) ?? false;
        });
        if (hasMore) return true;
        current += 1;
      }
      if (freePages()) return true;
      current = 0;
      return false;
    },
    rewrite: () => alone(() => rewrite(db)),
  };
}
