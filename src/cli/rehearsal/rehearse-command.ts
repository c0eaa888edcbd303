import type { Store } from '../../store/store.ts';
import type { SyncReport } from '../../sync/pass.ts';
import { exitCodeOfPass, requireNoErrors, runPass, type SyncFlags } from '../commands/sync.ts';
import { readTargetMismatch, type Context, type ExitCode } from '../context.ts';
import { selectTargets } from '../program/selection-flags.ts';
import { countsText } from '../print/format.ts';
import { operationLines } from '../print/json-lines.ts';
import { atDouble, withoutPace } from './double.ts';
import { openDouble, type FilledDouble } from './open-double.ts';
import { copiedText, notPlayed } from './rehearsal-text.ts';
import { serveUntilStopped } from './serve-until-stopped.ts';
import { heldBy, showDifferences } from './show-differences.ts';
import { operationsIn, showOperations } from './show-operations.ts';
import { withStateCopy } from './state-copy.ts';

/** Options of `rehearse`. */
export interface RehearseFlags extends Pick<
  SyncFlags,
  'target' | 'json' | 'allowRemovals' | 'plan' | 'acceptSource' | 'adoptConflicts'
> {
  /** Whether the doubles run on until a signal. */
  readonly keep: boolean;
}

/** What a rehearsal works with: a copy of the state, and the doubles by the names of their targets. */
interface Rehearsal {
  readonly context: Context;
  readonly store: Store;
  readonly flags: RehearseFlags;
  readonly doubles: ReadonlyMap<string, FilledDouble>;
}

/**
 * `rehearse`: carries out a sync against doubles of the targets, and shows what it changed there. The targets receive
 * GET requests only, and the state is only read.
 */
export async function rehearseCommand(context: Context, flags: RehearseFlags): Promise<ExitCode> {
  const names = selectTargets(context.config, flags.target);
  const mismatch = readTargetMismatch(context.config);
  if (mismatch !== undefined) throw mismatch;
  return withStateCopy(context, async (rehearsing, store) => {
    const paused = new Set(store.suspensions.pauses().map(({ target }) => target));
    const doubles = new Map<string, FilledDouble>();
    try {
      for (const target of context.config.targets) {
        if (paused.has(target.name) || names?.includes(target.name) === false) continue;
        const double = await openDouble(context, store, target, { isPaced: false });
        doubles.set(target.name, double);
        showCopied(context, flags, double);
      }
      const code = await rehearse({ context: rehearsing, store, flags, doubles });
      if (flags.keep) await serveUntilStopped(context, [...doubles.values()], flags.json);
      return code;
    } finally {
      await Promise.all([...doubles.values()].map(({ sandbox }) => sandbox.close()));
    }
  });
}

function showCopied({ console }: Context, { json }: RehearseFlags, { target, copied }: FilledDouble): void {
  const cannot = notPlayed(target, copied, false);
  if (json) {
    const line = { type: 'copied', target: target.name, profile: target.profile.name, ...copied, notPlayed: cannot };
    console.out(JSON.stringify(line));
    return;
  }
  for (const line of copiedText(target, copied)) console.out(line);
  for (const one of cannot) console.out(console.colors.dim(`  not played: ${one}`));
}

async function rehearse(rehearsal: Rehearsal): Promise<ExitCode> {
  const { context, flags, doubles } = rehearsal;
  const { console, stop } = context;
  const before = new Map([...doubles].map(([name, { sandbox }]) => [name, heldBy(sandbox)]));
  const first = await runAtDoubles(rehearsal, {});
  if (!flags.json) await showHeld(rehearsal, first);
  for (const [name, { sandbox }] of doubles) {
    const held = before.get(name);
    if (held !== undefined) showDifferences(console, name, { before: held, after: heldBy(sandbox), json: flags.json });
  }
  const code = exitCodeOfPass(first);
  if (stop.aborted) return code;
  context.log.info('the doubles are compared again, by a second pass over all records');
  const second = await runAtDoubles({ ...rehearsal, context: withoutNews(context) }, { plan: undefined, full: true });
  const isSilent = await showSecond(rehearsal, second);
  return code === 0 && !isSilent ? 1 : code;
}

/** A second pass repeats what the first one showed: only its errors are news. */
const withoutNews = (context: Context): Context => ({
  ...context,
  console: { ...context.console, out: () => undefined },
  log: { ...context.log, info: () => undefined, warn: () => undefined },
});

/** One pass of `sync`, whose requests go to the doubles. */
async function runAtDoubles(
  { context, store, flags: { keep: _, ...flags }, doubles }: Rehearsal,
  changes: Partial<SyncFlags>,
): Promise<SyncReport> {
  const report = await runPass(
    context,
    store,
    { ...flags, full: false, ...changes },
    { standIns: [...doubles.values()].map((double) => atDouble(withoutPace(double.target), double)) },
  );
  requireNoErrors(report);
  return report;
}

/** What the guard holds, as sentences. */
async function showHeld({ context: { console }, store }: Rehearsal, { pass, reports }: SyncReport): Promise<void> {
  for (const { target, heldOperations } of reports) {
    if (heldOperations === 0) continue;
    console.out(console.colors.yellow(`${target}: a sync would hold`));
    const operations = operationsIn(store.journal, pass, target, (state) => state === 'held');
    await showOperations(console, store.journal, operations, target);
  }
}

/** Shows whether a second pass over all records leaves the doubles alone. @returns whether it does at all of them */
async function showSecond(
  { context: { console }, store: { journal }, flags: { json } }: Rehearsal,
  { pass, reports }: SyncReport,
): Promise<boolean> {
  let areSilent = true;
  for (const { target, counts, succeeded, failed, skipped, requests } of reports) {
    const silent = succeeded + failed + skipped === 0;
    areSilent &&= silent;
    const operations = operationsIn(journal, pass, target, (state) => !silent && state !== 'held');
    if (json) {
      console.out(JSON.stringify({ type: 'secondPass', target, silent, counts, succeeded, failed, skipped, requests }));
      for await (const operation of operations)
        for (const line of operationLines(target, operation))
          console.out(JSON.stringify({ ...line, type: 'repeated' }));
      continue;
    }
    console.out(
      silent
        ? console.colors.green(`${target}: a second pass changes nothing`)
        : console.colors.red(`${target}: a second pass is not silent: ${countsText(counts)}`),
    );
    await showOperations(console, journal, operations, target);
  }
  return areSilent;
}
