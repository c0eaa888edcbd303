import { join, resolve } from 'node:path';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { lastMomentOf } from '../at.ts';
import { passOptions, type Context, type ExitCode } from '../context.ts';
import { plural } from '../print/format.ts';
import { wireTargets } from '../wire.ts';
import { readCases, type GoldenCase } from './case-folder.ts';
import { expectCase } from './expect-case.ts';
import { differencesOf, expectationText, type Difference, type Expectation } from './expectation.ts';

/** Options of `test`. */
export interface TestFlags {
  readonly update: boolean;
  readonly json: boolean;
}

/** How a case ended. */
type CaseResult = 'passed' | 'written' | 'unchanged' | 'differs' | 'missing';

/**
 * `test`: compares what the targets should hold for the records of each case with what is written down beside it. It
 * reads neither a source nor a state, and connects to nothing.
 */
export async function testCommand(
  context: Context,
  folder: string | undefined,
  { update, json }: TestFlags,
): Promise<ExitCode> {
  const { config, console } = context;
  const cases = readCases(folder === undefined ? join(config.folder, 'cases') : resolve(folder));
  let failed = 0;
  for (const golden of cases) {
    const actual = await expectationOf(context, golden);
    const differences = golden.expected === undefined ? [] : differencesOf(golden.expected, actual);
    const result = resultOf(golden, differences, update);
    if (result === 'written') golden.write(expectationText(actual));
    if (result === 'differs' || result === 'missing') failed += 1;
    if (json) console.out(JSON.stringify({ type: 'case', name: golden.name, result, differences }));
    else caseText(golden.name, result, differences).forEach((line) => console.out(line));
  }
  if (json) console.out(JSON.stringify({ type: 'summary', cases: cases.length, failed }));
  else console.out(summaryText(cases.length, failed));
  return failed > 0 ? 1 : 0;
}

function resultOf({ expected }: GoldenCase, differences: readonly Difference[], isUpdate: boolean): CaseResult {
  const isEqual = expected !== undefined && differences.length === 0;
  if (isUpdate) return isEqual ? 'unchanged' : 'written';
  if (expected === undefined) return 'missing';
  return isEqual ? 'passed' : 'differs';
}

async function expectationOf(context: Context, { name, golden }: GoldenCase): Promise<Expectation> {
  const { config, stop } = context;
  const { openStore } = await import('../../store/sqlite-store.ts');
  const store = openStore(':memory:');
  try {
    const options = passOptions(context, { only: undefined, full: true, acceptSource: true });
    const at = momentOf(golden.at, config.source.users.timezone, name);
    return await expectCase({ config, specs: wireTargets(config), golden, at, options, store }, stop);
  } finally {
    store.close();
  }
}

/** As in `plan --at`: a date is the last moment of that day. */
function momentOf(text: string, zone: string, name: string): Instant {
  const at = lastMomentOf(text, zone);
  if (at !== undefined) return at;
  throw new OperatorError(
    'golden.caseInvalid',
    `${name}: "at" is ${JSON.stringify(text)}, which is neither a date nor a time; ` +
      'write 2026-12-31 or 2026-12-31T08:00',
    4,
  );
}

/** Differences of one case that a terminal shows; `--json` prints all. */
const maxShown = 20;

const words: Readonly<Record<CaseResult, string>> = {
  passed: 'ok',
  unchanged: 'ok, unchanged',
  written: 'written',
  differs: 'FAILED',
  missing: 'FAILED: nothing is written down yet; read it and accept it with --update',
};

function caseText(name: string, result: CaseResult, differences: readonly Difference[]): readonly string[] {
  const more = differences.length - maxShown;
  return [
    `${name}: ${words[result]}`,
    ...differences
      .slice(0, maxShown)
      .flatMap(({ place, expected, actual }) => [
        `  ${place}`,
        `    - ${expected === undefined ? '(nothing)' : JSON.stringify(expected)}`,
        `    + ${actual === undefined ? '(nothing)' : JSON.stringify(actual)}`,
      ]),
    ...(more > 0 ? [`  and ${plural(more, 'more difference')} (all of them with --json)`] : []),
  ];
}

const summaryText = (cases: number, failed: number): string =>
  failed === 0
    ? `${plural(cases, 'case')}: all as written down`
    : `${failed} of ${plural(cases, 'case')} differ. ` +
      'If the configuration is right now, accept it: scimsync test --update';
