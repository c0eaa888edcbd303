import type { Operation } from '../../model/operation.ts';
import { totalCount, type TargetPlan } from '../../model/plan.ts';
import { formatDuration } from '../../model/time.ts';
import type { PlannedPass } from '../../sync/plan-pass.ts';
import type { JournalView, OperationKind } from '../../store/store.ts';
import { describeOperation, type NameOf } from '../../plan/describe.ts';
import type { Colors, Console } from '../console.ts';
import { holdId } from '../../sync/guard/plan-id.ts';
import { approveCommandLine } from './audit/approval-text.ts';
import { judgementsText } from './judgements.ts';
import { rejectionsText } from './rejections.ts';
import { countsText, firstLoadText, grouped, plural } from './format.ts';
import { joinedSourcesText } from '../source/joined-sources-text.ts';
import type { NamesOf } from './reference-names.ts';
import { keyChangesText } from './key-changes.ts';
import { heldByFreezeText, showSuspensions } from './suspensions-text.ts';

/** A long plan shows this number of each kind; `--json` prints all. */
const maxShownPerSection = 10;

/** The plan as sentences, with a summary of each target and the next command. */
export async function showPlanAsText(
  journal: JournalView,
  planned: PlannedPass & { readonly id: string },
  console: Console,
  { zone, namesOf }: { readonly zone: string; readonly namesOf: NamesOf },
): Promise<void> {
  const { colors } = console;
  const { pass, plans, id, rejections, judgements, keyChanges, joinedSources, paused, freezes, isEmpty } = planned;
  for (const plan of plans) {
    await showTargetPlan(journal, { pass, plan }, console, namesOf);
    const hold = plan.verdict.kind === 'hold' ? await holdId(journal, pass, plan.target) : undefined;
    if (hold !== undefined) console.out(`  if it is right: ${approveCommandLine(hold)}`);
    console.out('');
  }
  showSuspensions({ paused, freezes }, { json: false, zone }, console);
  judgementsText(judgements, colors).forEach((line) => console.out(line));
  for (const line of keyChangesText(keyChanges)) console.out(colors.yellow(line));
  for (const line of rejectionsText(rejections)) console.out(colors.red(line));
  for (const line of joinedSourcesText(joinedSources, colors)) console.out(line);
  if (!isEmpty && plans.some(({ counts }) => totalCount(counts) > 0)) {
    console.out(
      `Plan ${colors.bold(id)}. Nothing was changed. "scimsync sync" carries it out; ` +
        `"scimsync sync --plan ${id}" carries out exactly this, holds included.`,
    );
  }
}

/** The plan for one target: operations, notes, what is held and why, and the cost. */
export async function showTargetPlan(
  journal: JournalView,
  { pass, plan }: { readonly pass: number; readonly plan: TargetPlan },
  console: Console,
  namesOf: NamesOf,
): Promise<void> {
  const { colors } = console;
  console.out(colors.bold(`${plan.target}: ${countsText(plan.counts)}`));
  if (plan.firstLoad !== undefined) console.out(`  ${firstLoadText(plan.firstLoad)}`);
  await showOperations(journal, pass, plan.target, console, namesOf);
  await showNotes(journal, pass, plan.target, console);
  for (const line of await heldByFreezeText(plan.frozen, (one) => namesOf(plan.target, one)))
    console.out(colors.yellow(`  ${line}`));
  showCost(plan, console);
  if (plan.verdict.kind === 'hold')
    for (const reason of plan.verdict.reasons) console.out(colors.yellow(`  held: ${reason}`));
}

async function showOperations(
  journal: JournalView,
  pass: number,
  target: string,
  console: Console,
  namesOf: NamesOf,
): Promise<void> {
  const { colors } = console;
  const countBySection = new Map<string, number>();
  let currentSection: string | undefined;
  const showOmitted = (): void => {
    const count = currentSection === undefined ? 0 : (countBySection.get(currentSection) ?? 0);
    if (count > maxShownPerSection)
      console.out(
        colors.dim(`    … and ${grouped(count - maxShownPerSection)} more of this kind ` + '(all of them with --json)'),
      );
  };
  for await (const kind of journal.operationKinds(pass, target, 0)) {
    const section = sectionOf(kind);
    if (section !== currentSection) showOmitted();
    currentSection = section;
    const count = (countBySection.get(section) ?? 0) + 1;
    countBySection.set(section, count);
    if (count > maxShownPerSection) continue;
    const { operation, state } = await journal.operation(kind.id);
    const held = state === 'held' ? colors.yellow('  [held]') : '';
    console.out(`${operationText(operation, await namesOf(target, operation), colors)}${held}`);
  }
  showOmitted();
}

const sectionOf = ({ action, resourceType, removesMembers }: OperationKind): string =>
  [action, resourceType, removesMembers].join(' ');

async function showNotes(journal: JournalView, pass: number, target: string, console: Console): Promise<void> {
  const { colors } = console;
  let count = 0;
  for await (const { resourceType, key, name, text, problem } of journal.allNotes(pass, target)) {
    count += 1;
    if (count > maxShownPerSection) continue;
    const label = name === '' || name === key ? key : `${name} (${key})`;
    const line = `  ! ${resourceType === 'User' ? 'user' : 'group'} ${label}: ${text}`;
    console.out(problem ? colors.red(line) : colors.dim(line));
  }
  if (count > maxShownPerSection)
    console.out(colors.dim(`    … and ${count - maxShownPerSection} more notes (all of them with --json)`));
}

function showCost({ cost }: TargetPlan, console: Console): void {
  if (cost.requests === 0) return;
  console.out(
    console.colors.dim(
      `  costs ${plural(cost.requests, 'request')}, about ${formatDuration(cost.milliseconds)} at this target's limit`,
    ),
  );
}

/** One line for the terminal: a sign, and the operation as a sentence. */
function operationText(operation: Operation, nameOf: NameOf, colors: Colors): string {
  const sentence = describeOperation(operation, nameOf);
  switch (operation.action) {
    case 'create':
      return colors.green(`  + ${sentence}`);
    case 'reactivate':
      return colors.green(`  ↑ ${sentence}`);
    case 'deactivate':
      return colors.red(`  ↓ ${sentence}`);
    case 'delete':
      return colors.red(`  - ${sentence}`);
    case 'verifyCreate':
      return `  ? ${sentence}`;
    case 'update':
      return colors.yellow(`  ~ ${sentence}`);
    case 'members':
      return operation.remove.length > 0 ? colors.red(`  ∓ ${sentence}`) : colors.green(`  ± ${sentence}`);
  }
}
