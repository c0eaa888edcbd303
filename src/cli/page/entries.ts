import type { Entry } from '../../page/facts/page-facts.ts';
import { timeOf, type HistoryRow } from '../../store/journal/history.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { historySentences } from '../print/audit/history-text.ts';
import { referenceNames } from '../print/reference-names.ts';

/** Operations of the journal in the words of `history`. */
export async function entriesOf(view: ReadOnlyStore, rows: readonly HistoryRow[]): Promise<readonly Entry[]> {
  const namesOf = referenceNames(view);
  const entries: Entry[] = [];
  for (const row of rows) {
    const { id, pass, target, operation, state } = row;
    entries.push({
      ...{ id, pass, target, resourceType: operation.resourceType, key: operation.key },
      at: timeOf(row),
      ...historySentences(row, await namesOf(target, operation)),
      result: state === 'done' || state === 'adopted' ? 'done' : state === 'held' ? 'held' : 'undone',
    });
  }
  return entries;
}
