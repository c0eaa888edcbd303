import { basename } from 'node:path';
import { IncompleteReading } from '../../model/errors.ts';
import type { ActiveCondition } from '../row-condition.ts';
import type { OpenSource, Source, SourcePart } from '../source.ts';
import type { Content } from '../table/content.ts';
import { placesOf, tablesOf, type TableSettings } from '../table/settings.ts';
import { openSpool, type Spool } from '../table/spool.ts';
import { openTables } from '../table/table-source.ts';
import { runCommand, type ProgramSettings } from './run-command.ts';

/** The program that writes the rows of one part. */
interface Program {
  /** The program and its arguments. */
  readonly run: readonly string[];
}

/** Settings of a source whose rows are the output of programs. */
export interface CommandSettings extends TableSettings<Program>, Omit<ProgramSettings, 'graceMs'> {
  /** Time between SIGTERM and SIGKILL, in ms; by default 5000. */
  readonly graceMs?: number;
  /** The folder of temporary files, absolute. */
  readonly temporaryFolder: string;
}

const defaultGraceMs = 5000;

/**
 * Reads users, groups and memberships from the standard output of programs, which run each time the source is opened,
 * one after the other.
 *
 * @param activeCondition as for files
 */
export function commandSource(settings: CommandSettings, activeCondition?: ActiveCondition): Source {
  const programs = new Set(placesOf(settings).map(([, { run }]) => programOf(run)));
  return {
    label: `${programs.size === 1 ? 'program' : 'programs'} ${[...programs].join(', ')}`,
    async open(signal) {
      const spools = new Map<SourcePart, Spool>();
      const close = async (): Promise<void> => {
        for (const spool of spools.values()) await spool.close();
        spools.clear();
      };
      try {
        const contents = new Map<SourcePart, Content>();
        for (const [part, { run }] of placesOf(settings)) {
          const spool = await openSpool(settings.temporaryFolder);
          spools.set(part, spool);
          await runCommand(run, spool, { graceMs: defaultGraceMs, ...settings }, signal);
          const name = `the output of ${programOf(run)} (${part})`;
          requireComplete(spool, name);
          contents.set(part, spool.content(name));
        }
        const tables = tablesOf(settings, (part) => contents.get(part) as Content);
        const open = await openTables(settings, tables, activeCondition, signal);
        return { ...open, close: () => open.close().then(close) } satisfies OpenSource;
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

const programOf = ([program = '']: readonly string[]): string => basename(program);

/** @throws IncompleteReading for an output whose last line may be half a row */
function requireComplete({ size, endsWithLineBreak }: Spool, name: string): void {
  if (size === 0 || endsWithLineBreak) return;
  throw new IncompleteReading(
    'command.truncated',
    `${name} does not end with a line break, so that its last row may be incomplete. Nothing was planned or changed.`,
  );
}
