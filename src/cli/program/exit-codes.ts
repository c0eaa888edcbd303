import type { ExitCode } from '../context.ts';

/** What each exit code means. `--help` and docs/reference/commands.md show it. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'something failed or was not sent',
  2: 'there are changes (--exit-code only)',
  3: 'the guard or a freeze holds a part of the plan, or changes wait at a paused target',
  4: 'the configuration or the command line is wrong',
};

/** The end of `--help`. */
export const exitCodesHelp = (): string =>
  ['', 'Exit codes:', ...Object.entries(exitCodeMeanings).map(([code, meaning]) => `  ${code}  ${meaning}`)].join('\n');
