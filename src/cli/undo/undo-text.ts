import { totalCount } from '../../model/plan.ts';
import { formatTime } from '../../model/time.ts';
import type { PassToUndo } from '../../store/store.ts';
import type { PlannedUndo, UnreadTarget } from '../../sync/undo/plan-undo-pass.ts';
import type { UndoReport } from '../../sync/undo/undo-pass.ts';
import type { TargetReport } from '../../sync/target-report.ts';
import type { Colors } from '../console.ts';
import { plural } from '../print/format.ts';
import { doneText } from '../print/sync-summary.ts';

/** The pass that is undone, and where. */
export interface UndoneScope {
  readonly undone: PassToUndo;
  /** The targets of the configuration where something is undone. */
  readonly targets: readonly string[];
  /** Targets where the pass did something, and that the configuration no longer has. */
  readonly gone: readonly string[];
  /** The command line that shows the plan. */
  readonly command: string;
}

/** Which pass is undone, and what of it is not considered. */
export function scopeText({ undone, targets, gone }: UndoneScope): readonly string[] {
  const { pass, command, started } = undone;
  const unproven = undone.targets.filter((one) => one.unproven > 0 && targets.includes(one.target));
  return [
    `Undo of pass ${pass}, "scimsync ${command}" of ${formatTime(started)}:`,
    ...gone.map((target) => `  ! ${target} is not in the configuration; what the pass did there stays`),
    ...unproven.map(
      (one) =>
        `  ! ${one.target}: ${plural(one.unproven, 'operation')} of the pass failed or got no answer; they are not ` +
        'taken back, and "scimsync drift" shows what they left',
    ),
  ];
}

/** A pass, or the part of it that the command line chose, without a change. */
export const emptyText = ({ undone: { pass } }: UndoneScope): string =>
  `Pass ${pass} changed nothing there, so there is nothing to undo.`;

export const unreadText = ({ target, reason }: UnreadTarget): string =>
  `${target} cannot be read, so nothing is undone there: ${reason}`;

/** What the next commands are. */
export function planText({ id, plans }: PlannedUndo, { command }: UndoneScope): readonly string[] {
  const changed = plans.filter(({ counts }) => totalCount(counts) > 0).map(({ target }) => target);
  if (changed.length === 0) return ['There is nothing to undo. Nothing was changed.'];
  return [
    `Plan ${id}. Nothing was changed. "scimsync ${command} --execute" carries it out; ` +
      `"scimsync ${command} --plan ${id}" carries out exactly this, holds included.`,
    `It pauses ${changed.join(', ')}, because the source still asks for what is undone.`,
  ];
}

/** What was done at one target, what was not, and what to do next. */
export function undoneText(
  report: TargetReport,
  failures: readonly string[],
  { command }: UndoneScope,
  colors: Colors,
): readonly string[] {
  const { failed, skipped, problems, frozen, held, unavailable } = report;
  const again = `"scimsync ${command}" shows what is left`;
  return [
    ...doneText(report, colors),
    ...(failed === 0 ? [] : [colors.red(`  ${failed} failed; ${again}:`)]),
    ...failures.map((failure) => `    ${failure}`),
    ...(skipped === 0 ? [] : [colors.yellow(`  ${plural(skipped, 'operation')} not sent; ${again}`)]),
    ...(problems === 0 ? [] : [colors.red(`  ${plural(problems, 'change')} cannot be taken back; ${again}`)]),
    ...(frozen === 0 ? [] : [colors.yellow(`  frozen: ${plural(frozen, 'change')} not sent`)]),
    ...(held?.reasons ?? []).map((reason) => colors.yellow(`  held: ${reason}`)),
    ...(unavailable === undefined ? [] : [colors.red(`  ${unavailable}`)]),
  ];
}

/** What was done, and why the targets are paused now. */
export function reportText({ pass, paused }: UndoReport, { undone }: UndoneScope): readonly string[] {
  if (paused.length === 0) return ['Nothing was sent.'];
  const are = paused.length === 1 ? 'is' : 'are';
  return [
    `Pass ${pass} took back pass ${undone.pass}. ${paused.join(', ')} ${are} paused: the source still asks for what ` +
      'was undone, and the next pass would do it again. Correct the source or the configuration first; then end the ' +
      `pause with ${paused.map((target) => `"scimsync resume ${target}"`).join(', ')}.`,
  ];
}

/** The pass that is undone, for `--json`. */
export const scopeLine = ({ undone, targets, gone }: UndoneScope): Readonly<Record<string, unknown>> => ({
  ...{ type: 'undo', pass: undone.pass, command: undone.command, started: formatTime(undone.started) },
  ...{ targets, notConfigured: gone },
  unproven: Object.fromEntries(undone.targets.map((one) => [one.target, one.unproven])),
});

/** A target that could not be read, for `--json`. */
export const unreadLine = ({ target, reason }: UnreadTarget): Readonly<Record<string, unknown>> => ({
  type: 'unread',
  target,
  detail: reason,
});
