import type { Counts, Hold } from '../../../model/plan.ts';
import { formatTime } from '../../../model/time.ts';
import type { PassRow } from '../../../store/journal/passes.ts';
import type { ApprovalRecord } from '../../../store/store.ts';
import type { CsvCell } from '../../output/csv.ts';
import { countsText } from '../format.ts';
import type { JsonLine } from '../json-lines.ts';
import { approvalAsJson, approvalText } from './approval-text.ts';

/** The part of a stored summary that `passes` shows; a summary of an older version may lack some of it. */
interface StoredSummary {
  readonly counts?: Counts;
  readonly held?: Pick<Hold, 'reasons'> | null;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly heldOperations?: number;
  readonly skipped?: number;
  readonly firstLoad?: number;
}

/** A pass, or what an operator did by another command, for `--json`. */
export function passLine(pass: PassRow): JsonLine {
  const who = { operator: pass.operator?.name ?? null, host: pass.operator?.host ?? null };
  if (pass.isAction)
    return {
      ...{ type: 'action', action: pass.command.split(' ')[0], pass: pass.pass, command: pass.command, ...who },
      ...{ at: formatTime(pass.started), note: pass.note ?? null },
    };
  return {
    type: 'pass',
    pass: pass.pass,
    command: pass.command,
    ...who,
    started: formatTime(pass.started),
    ended: pass.ended === undefined ? null : formatTime(pass.ended),
    result: pass.result ?? null,
    note: pass.note ?? null,
    targets: pass.targets.map(({ target, summary }) => {
      const { counts, succeeded, failed, heldOperations, skipped, firstLoad } = summary as StoredSummary;
      return {
        ...{ target, counts: counts ?? null, succeeded: succeeded ?? 0, failed: failed ?? 0 },
        ...{ held: heldOperations ?? 0, skipped: skipped ?? 0, firstLoad: firstLoad ?? null },
      };
    }),
    approvals: pass.approvals.map(approvalAsJson),
  };
}

/** The same for a terminal. */
export function passText(pass: PassRow): readonly string[] {
  const who = pass.operator === undefined ? '' : `${pass.operator.name} on ${pass.operator.host}, `;
  const note = pass.note === undefined ? '' : `: ${pass.note}`;
  const started = formatTime(pass.started);
  if (pass.isAction) return [`action ${pass.pass}  ${started}  ${who}"scimsync ${pass.command}"${note}`];
  return [
    `pass ${pass.pass}  ${started}  ${who}"scimsync ${pass.command}", ${pass.result ?? 'running'}${note}`,
    ...pass.targets.map(({ target, summary }) => `  ${target}: ${targetSentence(summary)}`),
    ...pass.approvals.map((approval) => `  ${approvalText(approval)}`),
  ];
}

/** An approval that waits for the next pass, for a terminal. */
export const waitingText = (approval: ApprovalRecord): string =>
  `waiting  ${approval.target ?? 'all targets'}: ${approvalText(approval)}`;

/** The same for `--json`. */
export const waitingLine = (approval: ApprovalRecord): JsonLine => ({
  type: 'approval',
  ...approvalAsJson(approval),
});

/** The columns of `passes --csv`: a record for each target of a pass, action, and approval. */
export const passColumns = [
  ...['type', 'pass', 'started', 'ended', 'operator', 'host', 'command', 'result', 'note', 'target'],
  ...['done', 'failed', 'held', 'skipped', 'create', 'update', 'deactivate', 'reactivate', 'delete'],
  ...['addMembers', 'removeMembers', 'plan', 'removals', 'reason'],
] as const;

/** A pass for `--csv`. */
export function passRecords(pass: PassRow): readonly (readonly CsvCell[])[] {
  const common = {
    ...{ pass: pass.pass, command: pass.command, result: pass.result, note: pass.note },
    ...{ operator: pass.operator?.name, host: pass.operator?.host },
    ...{ started: formatTime(pass.started), ended: pass.ended === undefined ? '' : formatTime(pass.ended) },
  };
  if (pass.isAction) return [recordOf({ ...common, type: 'action' })];
  const targets = pass.targets.map(({ target, summary }) => {
    const { counts, succeeded, failed, heldOperations, skipped } = summary as StoredSummary;
    const done = { done: succeeded ?? 0, failed: failed ?? 0, held: heldOperations ?? 0, skipped: skipped ?? 0 };
    return recordOf({ ...common, ...counts, ...done, type: 'pass', target });
  });
  return [
    ...(targets.length === 0 ? [recordOf({ ...common, type: 'pass' })] : targets),
    ...pass.approvals.map(approvalRecord),
  ];
}

/** An approval for `--csv`. */
export const approvalRecord = ({ operator, host, at, outcome, ...approval }: ApprovalRecord): readonly CsvCell[] =>
  recordOf({ ...approval, type: 'approval', operator, host, started: formatTime(at), result: outcome ?? 'waiting' });

const recordOf = (cells: Readonly<Partial<Record<(typeof passColumns)[number], CsvCell>>>): readonly CsvCell[] =>
  passColumns.map((column) => cells[column]);

/** What a pass did at a target, by its stored summary. */
export const targetSentence = (summary: unknown): string => summaryText(summary as StoredSummary);

function summaryText({ counts, succeeded = 0, failed = 0, heldOperations = 0 }: StoredSummary): string {
  return [
    ...(counts === undefined ? [] : [countsText(counts)]),
    `${succeeded} done`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(heldOperations === 0 ? [] : [`${heldOperations} held`]),
  ].join('; ');
}
