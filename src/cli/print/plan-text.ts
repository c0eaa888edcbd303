import type { Operation } from '../../model/operation.ts';
import { countsTotal, type TargetPlan } from '../../model/plan.ts';
import { duration } from '../../model/time.ts';
import type { Planned } from '../../sync/pass.ts';
import type { Journal } from '../../store/store.ts';
import type { Console } from '../console.ts';
import { operationText } from './operation-text.ts';
import { allOperations } from '../../sync/all-operations.ts';
import { allNotes } from './all-notes.ts';
import { countsInWords, plural, rejectedText } from './words.ts';

/** A long plan shows this many of each kind; all of them stand in `--json`. */
const shownOfEach = 10;

/** The plan as sentences, with a summary of each target and the way on. */
export async function showPlanAsText(
  journal: Journal,
  { pass, plans, id, rejected, isEmpty }: Planned & { readonly id: string },
  console: Console,
): Promise<void> {
  const { colors } = console;
  for (const plan of plans) {
    console.out(colors.bold(`${plan.target}: ${countsInWords(plan.counts)}`));
    await showOperations(journal, pass, plan.target, console);
    await showNotes(journal, pass, plan.target, console);
    showCost(plan, console);
    if (plan.verdict.kind === 'hold')
      for (const reason of plan.verdict.reasons) console.out(colors.yellow(`  held: ${reason}`));
    console.out('');
  }
  if (rejected > 0) console.out(colors.red(rejectedText(rejected)));
  if (!isEmpty && plans.some(({ counts }) => countsTotal(counts) > 0)) {
    console.out(
      `Plan ${colors.bold(id)}. Nothing was changed. "scimsync sync" carries it out; "scimsync sync --plan ${id}" carries out exactly this, holds included.`,
    );
  }
}

async function showOperations(journal: Journal, pass: number, target: string, console: Console): Promise<void> {
  const { colors } = console;
  const shown = new Map<string, number>();
  let current: string | undefined;
  const more = (): void => {
    const count = current === undefined ? 0 : (shown.get(current) ?? 0);
    if (count > shownOfEach)
      console.out(
        colors.dim(
          `    … and ${(count - shownOfEach).toLocaleString('en')} more of this kind (all of them with --json)`,
        ),
      );
  };
  for await (const { operation, state } of allOperations(journal, pass, target)) {
    const kind = kindOf(operation);
    if (kind !== current) more();
    current = kind;
    const count = (shown.get(kind) ?? 0) + 1;
    shown.set(kind, count);
    if (count <= shownOfEach)
      console.out(`${operationText(operation, colors)}${state === 'held' ? colors.yellow('  [held]') : ''}`);
  }
  more();
}

const kindOf = (operation: Operation): string =>
  `${operation.action} ${operation.kind}${operation.action === 'members' && operation.remove.length > 0 ? ' remove' : ''}`;

async function showNotes(journal: Journal, pass: number, target: string, console: Console): Promise<void> {
  const { colors } = console;
  let count = 0;
  for await (const { kind, key, name, text, problem } of allNotes(journal, pass, target)) {
    count += 1;
    if (count > shownOfEach) continue;
    const line = `  ! ${kind === 'User' ? 'user' : 'group'} ${name === '' || name === key ? key : `${name} (${key})`}: ${text}`;
    console.out(problem ? colors.red(line) : colors.dim(line));
  }
  if (count > shownOfEach)
    console.out(colors.dim(`    … and ${count - shownOfEach} more notes (all of them with --json)`));
}

function showCost({ cost }: TargetPlan, console: Console): void {
  if (cost.requests === 0) return;
  console.out(
    console.colors.dim(
      `  costs ${plural(cost.requests, 'request')}, about ${duration(cost.milliseconds)} at this target's limit`,
    ),
  );
}
