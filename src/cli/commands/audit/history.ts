import type { Config } from '../../../config/config.ts';
import { instant, type SourceKey } from '../../../model/ids.ts';
import type { ResourceType } from '../../../model/resource-type.ts';
import { timeOf, type HistoryFilter } from '../../../store/journal/history.ts';
import type { ReadOnlyStore } from '../../../store/read-only-store.ts';
import { findKnownSubject, journalNameOf, requireView } from '../../audit/journal-subject.ts';
import { openView, type Context, type ExitCode } from '../../context.ts';
import { driftActions } from '../../drift/drift-history.ts';
import { parsePeriod, type PeriodFlags } from '../../period.ts';
import { freezeActions, pauseActions, type OperatorAction } from '../../print/audit/action-text.ts';
import {
  actionRecord,
  historyColumns,
  historyLines,
  historyRecords,
  historyText,
} from '../../print/audit/history-text.ts';
import { referenceNames } from '../../print/reference-names.ts';
import { verifyHistory } from './verify-history.ts';
import { createRowPrinter, type FormatFlags, type RowPrinter } from '../../print/row-printer.ts';

/** Options of `history`. */
export interface HistoryFlags extends PeriodFlags, FormatFlags {
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  readonly target?: string | undefined;
  readonly verify: boolean;
}

/** `history`: the operations of the journal in order of time, with reason and response. */
export async function historyCommand(context: Context, flags: HistoryFlags): Promise<ExitCode> {
  if (flags.verify) return verifyHistory(context, flags.json);
  const { config, console } = context;
  const period = parsePeriod(flags);
  const view = openView(config);
  const printer = createRowPrinter(console, flags, { columns: historyColumns, none: 'No operation matches.' });
  try {
    const target = flags.target === undefined ? undefined : journalNameOf(flags.target, config, view);
    const user = await keysOf('User', flags.user, config, view);
    const group = await keysOf('Group', flags.group, config, view);
    if (view !== undefined)
      await printHistory(view, { user, group, target, ...period }, config.source.users.timezone, printer);
  } finally {
    view?.close();
  }
  printer.end();
  return 0;
}

async function printHistory(
  view: ReadOnlyStore,
  filter: HistoryFilter,
  zone: string,
  { print }: RowPrinter,
): Promise<void> {
  const actions = actionsOf(view, filter, zone);
  const printActions = async (until: number): Promise<void> => {
    for (const { line, text } of actions.splice(0, actions.filter(({ at }) => at <= until).length))
      await print({ text: () => [text], json: () => [line], csv: () => [actionRecord(line)] });
  };
  const namesOf = referenceNames(view);
  for (const row of view.history(filter)) {
    await printActions(timeOf(row));
    await print({
      text: async () => [historyText(row, await namesOf(row.target, row.operation))],
      json: () => historyLines(row),
      csv: () => historyRecords(row),
    });
  }
  await printActions(Number.POSITIVE_INFINITY);
}

/** What operators suspended and resumed, in order of time. */
function actionsOf(
  view: ReadOnlyStore,
  { user, group, target, since = instant(0), until = instant(Number.MAX_SAFE_INTEGER) }: HistoryFilter,
  zone: string,
): OperatorAction[] {
  const isForAll = user === undefined && group === undefined;
  const pauses = isForAll ? view.pauses().filter((pause) => target === undefined || pause.target === target) : [];
  const freezes = view.freezes().filter(({ key }) => (user === undefined ? isForAll : user.includes(key)));
  const keys = isForAll ? undefined : [...(user ?? []), ...(group ?? [])];
  const drift = [...view.drift({ target, keys })].filter(
    ({ resourceType }) => isForAll || (resourceType === 'User' ? user : group) !== undefined,
  );
  return [
    ...pauseActions(pauses),
    ...(target === undefined ? freezeActions(freezes, zone) : []),
    ...driftActions(drift, view.nameAtTarget),
  ]
    .filter(({ at }) => at >= since && at <= until)
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
  const known = requireView(view, config, resourceType);
  const { key } = await findKnownSubject(known, config, { resourceType, text });
  return [key, ...known.keysNamed(resourceType, text)];
}
