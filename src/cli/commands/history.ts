import { OperatorError } from '../../model/errors.ts';
import type { Config } from '../../config/config.ts';
import { instant, type Instant, type SourceKey } from '../../model/ids.ts';
import { formatTime } from '../../model/time.ts';
import type { Operation } from '../../model/operation.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { describeOperation, type NameOf } from '../../plan/describe.ts';
import type { HistoryFilter, HistoryRow } from '../../store/journal/history.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { openView, selectTargets, type Context, type ExitCode } from '../context.ts';
import { approvalAsJson, approvalText } from '../print/approval-text.ts';
import { freezeActions, pauseActions, type OperatorAction } from '../print/action-text.ts';
import { operationLines } from '../print/json-lines.ts';
import { referenceNames } from '../print/reference-names.ts';
import { requireSubject } from '../../sync/subjects/find-subjects.ts';
import { subjectDataOfView } from '../subject-data-of-view.ts';
import { parseSince } from '../since.ts';

/** Options of `history`. */
export interface HistoryFlags {
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly target: string | undefined;
  readonly since: string | undefined;
  readonly json: boolean;
}

/** `history`: the operations of the journal, with time, reason and response. */
export async function historyCommand({ config, console }: Context, flags: HistoryFlags): Promise<ExitCode> {
  const since = parseSince(flags.since);
  const view = openView(config);
  let shown = 0;
  try {
    const target = flags.target === undefined ? undefined : journalNameOf(flags.target, config, view);
    const user = await keysOf('User', flags.user, config, view);
    const group = await keysOf('Group', flags.group, config, view);
    const actions =
      view === undefined ? [] : actionsOf(view, { user, group, target, since }, config.source.users.timezone);
    const showActions = (until: number): void => {
      for (const { line, text } of actions.splice(0, actions.filter(({ at }) => at <= until).length)) {
        shown += 1;
        console.out(flags.json ? JSON.stringify(line) : text);
      }
    };
    const namesOf = view === undefined ? undefined : referenceNames(view);
    for (const row of view?.history({ user, group, target, since }) ?? []) {
      showActions(timeOf(row));
      shown += 1;
      if (flags.json) for (const line of historyLines(row)) console.out(JSON.stringify(line));
      else console.out(historyText(row, await namesOf?.(row.target, row.operation)));
    }
    showActions(Number.POSITIVE_INFINITY);
  } finally {
    view?.close();
  }
  if (shown === 0 && !flags.json) console.out('No operation matches.');
  return 0;
}

/** What operators suspended and resumed, in order of time. */
function actionsOf(
  view: ReadOnlyStore,
  { user, group, target, since = instant(0) }: HistoryFilter,
  zone: string,
): OperatorAction[] {
  const isForAll = user === undefined && group === undefined;
  const pauses = isForAll ? view.pauses().filter((pause) => target === undefined || pause.target === target) : [];
  const freezes = view.freezes().filter(({ key }) => (user === undefined ? isForAll : user.includes(key)));
  return [...pauseActions(pauses), ...(target === undefined ? freezeActions(freezes, zone) : [])]
    .filter(({ at }) => at >= since)
    .toSorted((one, other) => one.at - other.at);
}

/**
 * The keys whose history is shown: that of the user or group, under its current key, and those of others that had the
 * text as their name in the past.
 *
 * @throws OperatorError if no user or group matches, or several do
 */
async function keysOf(
  resourceType: ResourceType,
  text: string | undefined,
  config: Config,
  view: ReadOnlyStore | undefined,
): Promise<readonly SourceKey[] | undefined> {
  if (text === undefined) return undefined;
  if (view === undefined)
    throw new OperatorError(
      'state.missing',
      `there is no state at ${config.state} yet, so no ${resourceType} is known`,
    );
  const names = [...config.targets, ...view.knownTargets()].map(({ name }) => name);
  const targets = [...new Set(names)];
  const { key } = await requireSubject(subjectDataOfView(view, config), targets, { resourceType, text });
  return [key, ...view.keysNamed(resourceType, text)];
}

/**
 * The name of a target in the journal, which also knows former names and targets that the configuration no longer has.
 *
 * @throws OperatorError for an unknown target
 */
function journalNameOf(name: string, config: Config, view: ReadOnlyStore | undefined): string {
  const known = view?.currentTargetName(name);
  if (known === undefined) selectTargets(config, [name]);
  return known ?? name;
}

function historyLines(row: HistoryRow): readonly Readonly<Record<string, unknown>>[] {
  const times = {
    planned: formatTime(row.planned),
    sent: row.sent === undefined ? null : formatTime(row.sent),
    answered: row.answered === undefined ? null : formatTime(row.answered),
  };
  return operationLines(row.target, row.operation).map((line) => ({
    ...line,
    pass: row.pass,
    command: row.command,
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

const timeOf = ({ answered, sent, planned }: HistoryRow): Instant => answered ?? sent ?? planned;

function historyText(row: HistoryRow, nameOf?: NameOf): string {
  const at = timeOf(row);
  const evidence = row.evidence === undefined ? [] : [row.evidence];
  const facts = [...(row.status === undefined ? [] : [String(row.status)]), ...evidence].join(', ');
  const status = facts === '' ? '' : ` (${facts})`;
  const detail = row.detail === undefined ? '' : `: ${row.detail}`;
  const sentence = `${describeOperation(row.operation, nameOf)}${reasonSuffix(row.operation)}`;
  const approval = row.approval === undefined ? '' : `; ${approvalText(row.approval)}`;
  const outcome = `${row.state}${status}${detail}${approval}${repeatsText(row)}`;
  return `${formatTime(at)}  pass ${row.pass}  ${row.target}  ${sentence} → ${outcome}`;
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
