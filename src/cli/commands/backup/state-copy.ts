import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { OperatorError } from '../../../model/errors.ts';
import { copyToDatabase, copyToFile } from '../../../store/backup/copy-state.ts';
import { realClock } from '../../clock.ts';
import { copyOptions, type Context, type ExitCode } from '../../context.ts';
import { openSharedState } from '../../program/open-shared-state.ts';

/** What FROM or TO names, if it is not a file: the database of the configuration. */
const databaseName = 'postgres';

/** `state copy`: copies the state between a file and the database of the configuration, and verifies the copy. */
export async function stateCopyCommand(context: Context, from: string, to: string): Promise<ExitCode> {
  const { config, console, commandLine, shared } = context;
  const { postgres } = config;
  const isToDatabase = to === databaseName;
  if (isToDatabase === (from === databaseName))
    throw new OperatorError(
      'commandLine.stateCopy',
      `one of FROM and TO is a state file, and the other is "${databaseName}", the database of the configuration`,
      4,
    );
  if (postgres === undefined || shared === undefined)
    throw new OperatorError(
      'commandLine.stateCopy',
      'the configuration names no database; set "state": {"postgres": {"url": {"env": "DATABASE_URL"}}} first',
      4,
    );
  const file = resolve(isToDatabase ? from : to);
  const between = {
    ...{ file, shared, copy: config.state, userId: process.geteuid?.() },
    holder: { pid: process.pid, host: hostname(), command: commandLine, since: realClock.now() },
    async readAgain(use: (again: string) => void) {
      const opened = await openSharedState({ ...postgres, isCopyKept: false }, '');
      try {
        use(opened.file);
      } finally {
        await opened.close();
      }
    },
  };
  const { tables, rows } = await (isToDatabase ? copyToDatabase : copyToFile)(between, copyOptions());
  const [source, target] = isToDatabase ? [file, shared.place] : [shared.place, file];
  console.out(
    `Copied ${rows.toLocaleString('en')} rows of ${tables} tables from ${source} to ${target}. ` +
      'Counts and SHA-256 of each table are equal.',
  );
  console.out(
    isToDatabase
      ? 'From now on the database is the state. Keep the file as a backup, and do not use it as a state again.'
      : `Use it with "state": ${JSON.stringify(to)}. From then on the database is a backup; do not use both.`,
  );
  return 0;
}
