import type { Operation } from '../../../model/operation.ts';
import { formatTime } from '../../../model/time.ts';
import { describeOperation, type NameOf } from '../../../plan/describe.ts';
import { timeOf, type HistoryRow } from '../../../store/journal/history.ts';
import type { CsvCell } from '../../output/csv.ts';
import { operationLines, type JsonLine } from '../json-lines.ts';
import { approvalAsJson, approvalText } from './approval-text.ts';

/** One operation of the history, for a terminal. */
export function historyText(row: HistoryRow, nameOf?: NameOf): string {
  const { sentence, outcome } = historySentences(row, nameOf);
  return `${formatTime(timeOf(row))}  pass ${row.pass}  ${row.target}  ${sentence} → ${outcome}`;
}

/** An operation in words: what was done and why, and what came of it. */
export function historySentences(
  row: HistoryRow,
  nameOf?: NameOf,
): { readonly sentence: string; readonly outcome: string } {
  const evidence = row.evidence === undefined ? [] : [row.evidence];
  const facts = [...(row.status === undefined ? [] : [String(row.status)]), ...evidence].join(', ');
  const status = facts === '' ? '' : ` (${facts})`;
  const detail = row.detail === undefined ? '' : `: ${row.detail}`;
  const sentence = `${describeOperation(row.operation, nameOf)}${reasonSuffix(row.operation)}`;
  const approval = row.approval === undefined ? '' : `; ${approvalText(row.approval)}`;
  const outcome = `${row.state}${status}${detail}${approval}${repeatsText(row)}`;
  return { sentence, outcome };
}

/** What each pass finds again is kept once. */
function repeatsText({ since, repeats }: HistoryRow): string {
  if (since === undefined || repeats === 0) return '';
  return `; the same in ${repeats} earlier ${repeats === 1 ? 'pass' : 'passes'}, since ${formatTime(since)}`;
}

/** The reason, if the sentence does not contain it already. */
function reasonSuffix(operation: Operation): string {
  const { reason } = operation;
  return describeOperation(operation).endsWith(reason) || reason.endsWith('changed') ? '' : `; ${reason}`;
}

/** One operation of the history for `--json`. */
export function historyLines(row: HistoryRow): readonly JsonLine[] {
  const times = {
    planned: formatTime(row.planned),
    sent: row.sent === undefined ? null : formatTime(row.sent),
    answered: row.answered === undefined ? null : formatTime(row.answered),
    verified: row.verified === undefined ? null : formatTime(row.verified),
  };
  return operationLines(row.target, row.operation).map((line) => ({
    ...line,
    pass: row.pass,
    command: row.command,
    operator: row.operator?.name ?? null,
    host: row.operator?.host ?? null,
    outcome: row.state,
    status: row.status ?? null,
    detail: row.detail ?? null,
    evidence: row.evidence ?? null,
    requests: row.requests,
    retries: row.retries,
    approval: row.approval === undefined ? null : approvalAsJson(row.approval),
    since: row.since === undefined ? null : formatTime(row.since),
    repeats: row.repeats,
    ...times,
  }));
}

/** The columns of `history --csv`. */
export const historyColumns = [
  ...['time', 'pass', 'command', 'operator', 'host', 'target', 'action', 'resource', 'key', 'name', 'changes'],
  ...['reason', 'outcome', 'status', 'evidence', 'detail', 'approved_by', 'approval_reason'],
  ...['planned', 'sent', 'answered', 'verified', 'requests', 'retries'],
] as const;

/** One operation of the history for `--csv`: a record for each JSON line. */
export const historyRecords = (row: HistoryRow): readonly (readonly CsvCell[])[] =>
  historyLines(row).map((line) =>
    recordOf({
      ...line,
      time: formatTime(timeOf(row)),
      changes: changesText(line['changes'] as readonly Change[]),
      approved_by: row.approval === undefined ? null : `${row.approval.operator}@${row.approval.host}`,
      approval_reason: row.approval?.reason ?? null,
    }),
  );

/** What an operator suspended or resumed, for `--csv`. */
export const actionRecord = (line: JsonLine): readonly CsvCell[] => recordOf({ ...line, time: line['at'] });

const recordOf = (line: JsonLine): readonly CsvCell[] => historyColumns.map((column) => line[column] as CsvCell);

interface Change {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** `title: "Engineer" → "Architect"; active: true → false`. */
const changesText = (changes: readonly Change[]): string =>
  changes.map(({ path, from, to }) => `${path}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`).join('; ');
