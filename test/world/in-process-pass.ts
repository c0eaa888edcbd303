import { exitCodeOfPass } from '../../src/cli/commands/sync.ts';
import { outcomeLines } from '../../src/cli/print/json-lines.ts';
import { summaryLine } from '../../src/cli/print/sync-summary.ts';
import { wireSource } from '../../src/cli/source/wire-source.ts';
import { profileIo } from '../../src/cli/package-folder.ts';
import { connectionSettings, wireTargets } from '../../src/cli/wire.ts';
import { secretFiles } from '../../src/config/secrets/secret-files.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/config.ts';
import type { Approval } from '../../src/model/plan.ts';
import type { Clock } from '../../src/model/clock.ts';
import { createTarget } from '../../src/scim/target.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { sync } from '../../src/sync/pass.ts';
import { seededRandom } from './random.ts';
import type { CliResult, JsonLine } from './cli-workspace.ts';

export interface InProcessOptions {
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/**
 * Runs one pass like `scimsync sync --json [--full] [--retry] [--allow-removals N] [--adopt-conflicts]`, without
 * starting a process. It reads the configuration, opens and closes the state file, and sends requests over HTTP.
 * `clock` decides how long waits take.
 */
export async function runPassInProcess(
  { configFile, env, clock }: InProcessOptions,
  args: readonly string[],
): Promise<CliResult> {
  const { full, approval, adoptConflicts, retry } = parseArguments(args);
  const config = readConfig(configFile, env);
  const lines: JsonLine[] = [];
  const store = openStore(config.state);
  try {
    const report = await sync(
      {
        store,
        source: wireSource(config),
        targets: wireTargets(config, { adoptConflicts }),
        clock,
        emit: (event) => {
          if (event.type === 'operation')
            for (const line of outcomeLines(event.target, event.operation, event)) lines.push({ ...line });
        },
        random: seededRandom(4711),
        connect: ({ name }, requestCounts) => {
          const target = config.targets.find((one) => one.name === name);
          if (target === undefined) throw new Error(`no target ${name}`);
          return createTarget(connectionSettings(target), { clock, random: seededRandom(4711), requestCounts });
        },
      },
      {
        only: undefined,
        full,
        retry,
        approval,
        operator: { name: 'admin', host: 'host' },
        acceptSource: false,
        command: args.join(' '),
        note: undefined,
        plan: undefined,
      },
      new AbortController().signal,
    );
    for (const one of report.reports) lines.push({ ...summaryLine(one) });
    return resultOf(exitCodeOfPass(report), lines, '');
  } catch (error) {
    return resultOf(1, lines, error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    store.close();
  }
}

/** @throws Error for commands and flags that are not available in process */
function parseArguments([command, ...flags]: readonly string[]): {
  readonly full: boolean;
  readonly approval: Approval;
  readonly adoptConflicts: boolean;
  readonly retry: boolean;
} {
  let full = false;
  let approval: Approval = {};
  let adoptConflicts = false;
  let retry = false;
  for (let at = 0; at < flags.length; at += 1) {
    if (flags[at] === '--full') full = true;
    else if (flags[at] === '--retry') retry = true;
    else if (flags[at] === '--adopt-conflicts') adoptConflicts = true;
    else if (flags[at] === '--allow-removals') approval = { removals: Number(flags[(at += 1)]) };
    else if (flags[at] !== '--json') throw new Error(`not available in process: ${flags[at] ?? ''}`);
  }
  if (command !== 'sync') throw new Error(`not available in process: ${command ?? ''}`);
  return { full, approval, adoptConflicts, retry };
}

function readConfig(file: string, env: Readonly<Record<string, string>>): Config {
  const valid = (): undefined => undefined;
  const loaded = loadConfig(
    {
      ...profileIo,
      secretFiles,
      env,
      check: { expression: valid, usesGroups: () => false, filter: valid, schedule: valid },
    },
    file,
  );
  if ('issues' in loaded) throw new Error(JSON.stringify(loaded.issues));
  return loaded.config;
}

const resultOf = (code: number, lines: readonly JsonLine[], stderr: string): CliResult => ({
  code,
  signal: null,
  stdout: lines.map((line) => JSON.stringify(line)).join('\n'),
  stderr,
  lines,
});
