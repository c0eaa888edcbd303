import { dirname, join, relative, resolve, sep } from 'node:path';
import { redactor, type Secret } from '../../config/secrets/secrets.ts';
import type { Config } from '../../config/config.ts';
import { processConsole } from '../console.ts';
import type { ExitCode } from '../context.ts';
import { openTerminal } from '../output/terminal.ts';
import { packageFolder } from '../package-folder.ts';
import type { LogLevel } from '../program/log-levels.ts';
import type { RunWithoutConfig } from '../program/run-without-config.ts';
import { askCsv } from './csv/ask-csv.ts';
import { createDialogue, stopped, type Dialogue } from './dialogue/dialogue.ts';
import { readDraft, type Draft, type Settings } from './draft-config.ts';
import type { InitContext } from './init-context.ts';
import { askDirectory } from './ldap/ask-directory.ts';
import type { SourceAnswers } from './source-answers.ts';
import { askTarget } from './target/ask-target.ts';
import { requireWritable, writeConfig } from './write-config.ts';

/** Options of `init`, besides the answers. */
export interface InitFlags {
  /** Take the proposals. */
  readonly yes: boolean;
  /** Overwrite an existing configuration. */
  readonly force: boolean;
  /** The flags of questions, as written: `--key` → `employee_number`. */
  readonly answers: ReadonlyMap<string, string>;
  /** The attributes that are mapped: `title=position`. */
  readonly map: readonly string[];
}

/** What `init` takes from the command line, besides its options. */
export interface InitRun extends RunWithoutConfig {
  readonly logLevel: LogLevel;
}

/**
 * `init`: asks for the source and the application, tests both, writes a configuration, and shows the first plan. Until
 * then nothing is written, and nothing is changed anywhere.
 *
 * @throws OperatorError
 */
export async function initCommand(written: string, flags: InitFlags, run: InitRun): Promise<ExitCode> {
  const file = resolve(written);
  requireWritable(file, flags.force);
  const known: Secret[] = [];
  const redact = redactor(known);
  run.onSecrets(redact);
  const { err } = processConsole(process.env, redact);
  const terminal = openTerminal(run.stop);
  const dialogue = createDialogue({
    ...{ flags: flags.answers, terminal, takesProposals: flags.yes, print: err, stop: run.stop },
  });
  try {
    const draft = await askAll(contextOf(dialogue, file, known), file, flags);
    readDraft(draft);
    dialogue.signal.throwIfAborted();
    writeConfig(draft, flags.force);
    err(`written: ${[...draft.secrets.keys(), file].join(', ')}`);
  } catch (error) {
    throw dialogue.signal.aborted ? stopped() : error;
  } finally {
    terminal?.close();
  }
  return firstPlan(file, run);
}

async function askAll(context: InitContext, file: string, { map }: InitFlags): Promise<Draft> {
  const { dialogue, folder } = context;
  const kind = await dialogue.ask({
    ...{ flag: '--source', value: '<kind>', text: 'Where do users come from?', onlyChoices: true },
    choices: [
      { answer: 'csv', note: 'a CSV export, for example of an HR system' },
      { answer: 'ldap', note: 'a directory: LDAP or Active Directory' },
    ],
  });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const source: SourceAnswers =
    kind === 'csv'
      ? await askCsv(dialogue, { given: map, zone, fileName: (path) => context.fileName(path) })
      : await askDirectory(context);
  const { target, secrets } = await askTarget(context);
  return {
    file,
    secrets: new Map([...(source.secrets ?? []), ...secrets]),
    settings: {
      $schema: relativePath(folder, join(packageFolder, 'config', 'sync.schema.json')),
      state: './scimsync.db',
      schedule: '*/15 * * * *',
      ...(source.timezone === undefined ? {} : { timezone: source.timezone }),
      source: source.source,
      targets: [{ ...target, ...mappingOf(source) }],
    },
  };
}

function mappingOf({ mapping: { user, group } }: SourceAnswers): Settings {
  const parts = Object.entries({ user, group }).filter(([, part]) => Object.keys(part).length > 0);
  return parts.length === 0 ? {} : { mapping: Object.fromEntries(parts) };
}

/** A source and a target that fill their places in a configuration while they are not asked yet. */
const placeholders = {
  source: { type: 'csv', users: { file: './people.csv', key: 'id' } },
  target: { name: 'app', url: 'https://app.invalid/scim/v2' },
} as const;

function contextOf(dialogue: Dialogue, file: string, known: Secret[]): InitContext {
  const folder = dirname(file);
  return {
    ...{ dialogue, folder },
    fileName: (path) => relativePath(folder, path),
    tryConfig({ source = placeholders.source, target = placeholders.target, secrets = new Map() }): Config {
      const config = readDraft({ file, settings: { source, targets: [target] }, secrets });
      known.push(...config.secrets);
      return config;
    },
  };
}

/** A path as the configuration names it: "./people.csv", "../exports/people.csv". */
function relativePath(folder: string, path: string): string {
  const name = relative(folder, path).split(sep).join('/');
  return name.startsWith('../') || name.startsWith('/') ? name : `./${name}`;
}

/** Shows the first plan, as `scimsync plan` does. */
async function firstPlan(file: string, { logLevel, commandLine, stop }: InitRun): Promise<ExitCode> {
  const { openContext, runCommand } = await import('../program/open-context.ts');
  const { planCommand } = await import('../commands/plan.ts');
  const context = await openContext([file], logLevel, commandLine, stop);
  const flags = { target: [], full: false, json: false, exitCode: false, acceptSource: false, readTargets: false };
  return runCommand(context, (opened) => planCommand(opened, flags));
}
