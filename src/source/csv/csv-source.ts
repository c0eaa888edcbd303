import { basename } from 'node:path';
import type { Clock } from '../../model/clock.ts';
import type { ActiveCondition } from '../row-condition.ts';
import type { Source } from '../source.ts';
import { placesOf, tablesOf, type TableSettings } from '../table/settings.ts';
import { openTables } from '../table/table-source.ts';
import { fileContent, type PartFile } from './file.ts';
import { settleFiles } from './settle.ts';
import { watchFiles } from './watch.ts';

/** Settings of a CSV source. */
export interface CsvSettings extends TableSettings<{
  /** Absolute. */
  readonly file: string;
}> {
  /** A scheduled pass waits until the files have not changed for this time, in ms. */
  readonly settleMs?: number | undefined;
}

/**
 * Reads users, groups and memberships from CSV files.
 *
 * @param activeCondition decides whether a user is active; by default the column `active` does, and without it all
 * users are active
 */
export function csvSource(settings: CsvSettings, clock: Clock, activeCondition?: ActiveCondition): Source {
  const files = placesOf(settings).map(([part, { file }]): PartFile => ({ part, file, name: basename(file) }));
  const tables = tablesOf(settings, (part, { file }) => fileContent({ part, file, name: basename(file) }));
  return {
    label: `CSV ${files.length === 1 ? 'file' : 'files'} ${files.map(({ name }) => name).join(', ')}`,
    open: (signal) => openTables(settings, tables, activeCondition, signal),
    settle: (signal) => settleFiles(files, settings.settleMs ?? 0, clock, signal),
    watch: (_since, listener, signal) => watchFiles(files, clock, listener, signal),
  };
}
