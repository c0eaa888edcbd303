import { instant } from '../../../model/ids.ts';
import type { ApprovalRecord } from '../../../store/store.ts';
import { openView, type Context, type ExitCode } from '../../context.ts';
import { parsePeriod, type Period, type PeriodFlags } from '../../period.ts';
import {
  approvalRecord,
  passColumns,
  passLine,
  passRecords,
  passText,
  waitingLine,
  waitingText,
} from '../../print/audit/passes-text.ts';
import { createRowPrinter, type FormatFlags } from '../../print/row-printer.ts';

/** Options of `passes`. */
export type PassesFlags = PeriodFlags & FormatFlags;

/**
 * `passes`: what each pass did at each target, who ran it, and the approvals that it used; what operators did by other
 * commands; and the approvals that wait.
 */
export async function passesCommand({ config, console }: Context, flags: PassesFlags): Promise<ExitCode> {
  const period = parsePeriod(flags);
  const view = openView(config);
  const printer = createRowPrinter(console, flags, { columns: passColumns, none: 'No pass has run.' });
  try {
    for (const pass of view?.passes(period) ?? [])
      await printer.print({ text: () => passText(pass), json: () => [passLine(pass)], csv: () => passRecords(pass) });
    for (const approval of view?.approvals('waiting').filter((one) => isWithin(one, period)) ?? [])
      await printer.print({
        text: () => [waitingText(approval)],
        json: () => [waitingLine(approval)],
        csv: () => [approvalRecord(approval)],
      });
  } finally {
    view?.close();
  }
  printer.end();
  return 0;
}

const isWithin = ({ at }: ApprovalRecord, { since = instant(0), until = at }: Period): boolean =>
  at >= since && at <= until;
