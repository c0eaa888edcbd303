import type { Approval } from '../../model/plan.ts';
import { sync, type SyncOptions, type SyncReport } from '../../sync/pass.ts';
import type { Store } from '../../store/store.ts';
import { selectTargets, passOptions, withStore, type Context, type ExitCode } from '../context.ts';
import { outcomeLines } from '../print/json-lines.ts';
import { rejectedText } from '../print/format.ts';
import { summaryLine, summaryText } from '../print/sync-summary.ts';
import { observePass } from '../pass-events.ts';
import { connect, wireSource, wireTargets } from '../wire.ts';
import { realClock } from '../clock.ts';

export interface SyncFlags {
  readonly target: readonly string[];
  readonly full: boolean;
  readonly json: boolean;
  readonly allowRemovals: number | undefined;
  readonly plan: string | undefined;
  readonly acceptSource: boolean;
}

/** One pass. */
export async function syncCommand(context: Context, flags: SyncFlags): Promise<ExitCode> {
  return withStore(context, async (store) => exitCodeOf(await runPass(context, store, flags)));
}

/** What a pass of a daemon that hears of changes has besides. */
type LiveOptions = Pick<SyncOptions, 'guardWindowMs' | 'sourceChanged' | 'onPlanned'>;

/** One pass over a state that the caller has opened, shown as it happens. */
export async function runPass(
  context: Context,
  store: Store,
  flags: SyncFlags,
  live: Partial<LiveOptions> = {},
): Promise<SyncReport> {
  const { config, console, stop } = context;
  const observer = observePass(context, (target, operation, result, status, detail) => {
    if (flags.json)
      for (const line of outcomeLines(target, operation, result, status, detail)) console.out(JSON.stringify(line));
  });
  const approval: Approval = {
    ...(flags.allowRemovals === undefined ? {} : { removals: flags.allowRemovals }),
    ...(flags.plan === undefined ? {} : { plan: true }),
  };
  const io = {
    store,
    source: wireSource(config),
    targets: wireTargets(config),
    clock: realClock,
    emit: observer.emit,
    connect: ({ name }: { readonly name: string }) => {
      const target = config.targets.find((one) => one.name === name);
      if (target === undefined) throw new Error(`no configuration for ${name}`);
      return connect(target);
    },
  };
  const note = flags.acceptSource ? `the reading was accepted by ${context.operator} with --accept-source` : undefined;
  const options = passOptions(context, {
    only: selectTargets(config, flags.target),
    full: flags.full,
    approval,
    acceptSource: flags.acceptSource,
    note,
  });
  const report = await sync(io, { ...options, ...live, plan: flags.plan }, stop).finally(() => observer.end());
  for (const one of report.reports) {
    if (flags.json) console.out(JSON.stringify(summaryLine(one)));
    else summaryText(one, observer.failuresAt(one.target), console.colors).forEach((line) => console.out(line));
  }
  if (report.rejected > 0 && !flags.json) console.out(console.colors.red(rejectedText(report.rejected)));
  return report;
}

export function exitCodeOf({ reports, rejected, stopped }: SyncReport): ExitCode {
  const failed = reports.some((report) => report.failed > 0 || report.problems > 0 || report.unavailable !== undefined);
  if (failed || rejected > 0) return 1;
  if (reports.some(({ held }) => held !== null)) return 3;
  if (!stopped && reports.some(({ skipped }) => skipped > 0)) return 1;
  return 0;
}
