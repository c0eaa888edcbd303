import type { Dialogue } from '../dialogue/dialogue.ts';
import { askMapping, type GivenMapping } from '../mapping/ask-mapping.ts';
import type { SourceAnswers } from '../source-answers.ts';
import { askGroups } from './ask-groups.ts';
import { askActive, askDates } from './ask-status.ts';
import { askFile, askKey, formatSettings } from './ask-users.ts';

/** What the questions about a CSV source take from outside. */
export interface CsvOptions {
  readonly given: GivenMapping;
  /** The time zone of this machine. */
  readonly zone: string;
  /** A file as the configuration names it. */
  readonly fileName: (path: string) => string;
}

/** Asks for CSV files, looks at them, and proposes what their columns mean. */
export async function askCsv(dialogue: Dialogue, { given, zone, fileName }: CsvOptions): Promise<SourceAnswers> {
  const text = 'Which CSV file has one row for each user?';
  const users = await askFile(dialogue, { flag: '--file', text, part: 'users' });
  const { columns } = users;
  const { key, rows } = await askKey(dialogue, users);
  const active = await askActive(dialogue, columns);
  const dates = await askDates(dialogue, columns, zone);
  const groups = await askGroups(dialogue, users, key, fileName);
  const keys = columns.find(({ name }) => name === key)?.values ?? new Set();
  const user = await askMapping(dialogue, { columns, keys }, given);
  return {
    source: {
      type: 'csv',
      users: {
        ...{ file: fileName(users.file), key, ...(rows === undefined ? {} : { rows }) },
        ...{ ...active, ...dates.users, ...formatSettings(users.format) },
      },
      ...groups.source,
    },
    mapping: { user, group: groups.mapping },
    timezone: dates.timezone,
  };
}
