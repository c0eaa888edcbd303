import { hostname } from 'node:os';
import { OperatorError } from '../../model/errors.ts';
import type { SourceKey } from '../../model/ids.ts';
import { exitCodeOf } from '../../plan/exit-code.ts';
import type { PassEffects, Store } from '../../store/store.ts';
import type { SyncDeps } from '../../sync/context.ts';
import { requireUndoable } from '../../sync/undo/require-undoable.ts';
import { showUndo, type PlannedUndo, type UndoOptions } from '../../sync/undo/plan-undo-pass.ts';
import { undoPass } from '../../sync/undo/undo-pass.ts';
import { findKnownSubject, requireView } from '../audit/journal-subject.ts';
import { bufferRequestCounts } from '../buffered-request-counts.ts';
import { realClock, realRandom } from '../clock.ts';
import {
  openView,
  readTargetMismatch,
  withCopy,
  withStoreBetweenPasses,
  type Context,
  type ExitCode,
} from '../context.ts';
import { selectTargets } from '../program/selection-flags.ts';
import { notifyAfter } from '../notify/notify-after.ts';
import { logEvents, observePass } from '../pass-events.ts';
import { tidyAfter } from '../pass/run-sync.ts';
import { outcomeLines, planLines } from '../print/json-lines.ts';
import { showTargetPlan } from '../print/plan-text.ts';
import { referenceNames } from '../print/reference-names.ts';
import { summaryLine } from '../print/sync-summary.ts';
import { wireSource } from '../source/wire-source.ts';
import { connect, wireTargets } from '../wire.ts';
import {
  emptyText,
  planText,
  reportText,
  scopeLine,
  scopeText,
  undoneText,
  unreadLine,
  unreadText,
  type UndoneScope,
} from './undo-text.ts';
import { shellWord } from '../output/shell-word.ts';

/** Options of `undo`. */
export interface UndoFlags {
  readonly target: readonly string[];
  readonly user?: string | undefined;
  readonly execute: boolean;
  readonly plan?: string | undefined;
  readonly reason?: string | undefined;
  readonly json: boolean;
}

/**
 * `undo`: shows how a pass can be taken back. `--execute` and `--plan` take it back, in a pass of its own that does not
 * read the source, and pause its targets.
 */
export async function undoCommand(context: Context, pass: number, flags: UndoFlags): Promise<ExitCode> {
  const { config } = context;
  selectTargets(config, flags.target);
  if (flags.reason !== undefined && !flags.execute && flags.plan === undefined)
    throw new OperatorError(
      'commandLine.reasonAlone',
      '--reason is the reason of an undo that is carried out; add --execute or --plan',
      4,
    );
  const mismatch = readTargetMismatch(config);
  if (mismatch !== undefined) throw mismatch;
  const users = flags.user === undefined ? undefined : await keysOf(context, flags.user);
  const asked = { pass, users, flags };
  return flags.execute || flags.plan !== undefined
    ? notifyAfter(context, () => withStoreBetweenPasses(context, (store) => execute(context, store, asked)))
    : withCopy(context, ({ store, isRunning }) => show(context, store, asked, isRunning), pass);
}

/** What the command line asks for. */
interface Asked {
  readonly pass: number;
  readonly users: ReadonlySet<SourceKey> | undefined;
  readonly flags: UndoFlags;
}

/** The keys of the user whose changes are undone, who may have left the source. @throws OperatorError */
async function keysOf({ config }: Context, text: string): Promise<ReadonlySet<SourceKey>> {
  const view = openView(config);
  try {
    const known = requireView(view, config, 'User');
    const { key } = await findKnownSubject(known, config, { resourceType: 'User', text });
    return new Set([key, ...known.keysNamed('User', text)]);
  } finally {
    view?.close();
  }
}

/** @throws OperatorError for a pass that cannot be undone */
async function scopeOf({ config }: Context, journal: PassEffects, { pass, flags }: Asked): Promise<UndoneScope> {
  const undone = await requireUndoable(journal, pass);
  const changed = undone.targets.filter(({ done }) => done > 0).map(({ target }) => target);
  const configured = new Set(config.targets.map(({ name }) => name));
  const chosen = flags.target.length === 0 ? changed : changed.filter((name) => flags.target.includes(name));
  const targets = flags.target.map((name) => ` --target ${name}`).join('');
  const user = flags.user === undefined ? '' : ` --user ${shellWord(flags.user)}`;
  return {
    undone,
    targets: chosen.filter((name) => configured.has(name)),
    gone: chosen.filter((name) => !configured.has(name)),
    command: `undo ${pass}${targets}${user}`,
  };
}

function optionsOf({ operator, commandLine }: Context, scope: UndoneScope, { users, flags }: Asked): UndoOptions {
  const { plan, reason } = flags;
  return {
    ...{ undone: scope.undone.pass, users, targets: scope.targets, reason, command: commandLine },
    approval: plan === undefined ? {} : { plan, ...(reason === undefined ? {} : { reason }) },
    operator: { name: operator, host: hostname() },
    commands: { show: scope.command, carryOut: `${scope.command} --plan ID` },
  };
}

async function show(context: Context, store: Store, asked: Asked, isRunning: boolean): Promise<ExitCode> {
  const { config, console, stop } = context;
  const { json } = asked.flags;
  const scope = await scopeOf(context, store.journal, asked);
  if (isRunning && scope.undone.ended === undefined)
    throw new OperatorError('undo.passRunning', `pass ${asked.pass} is still running; undo it when it has ended`);
  showScope(scope, console, json);
  const failed = scope.gone.length > 0;
  if (scope.targets.length === 0) return exitCodeOf({ failed, held: false, unsent: false, changes: false });
  const deps = {
    ...{ store, clock: realClock, source: wireSource(config), targets: wireTargets(config) },
    emit: logEvents(context, { isRunning }),
    connect: connecting(context, true),
  };
  return showUndo(
    deps,
    optionsOf(context, scope, asked),
    async (planned, tx) => {
      const namesOf = referenceNames({ nameAtTarget: tx.journal.nameAtTarget, mirror: tx.mirror });
      if (json) for await (const line of planLines(tx.journal, planned, false)) console.out(JSON.stringify(line));
      else
        for (const plan of planned.plans)
          await showTargetPlan(tx.journal, { pass: planned.pass, plan }, console, namesOf);
      showUnread(planned, console, json);
      if (!json) for (const line of planText(planned, scope)) console.out(line);
      return exitCodeOfPlan(planned, failed);
    },
    stop,
  );
}

const exitCodeOfPlan = ({ plans, unread }: PlannedUndo, failed: boolean): ExitCode =>
  exitCodeOf({
    failed: failed || unread.length > 0 || plans.some(({ problems }) => problems > 0),
    held: plans.some(({ verdict, frozen }) => verdict.kind === 'hold' || frozen.total > 0),
    unsent: false,
    changes: false,
  });

async function execute(context: Context, store: Store, asked: Asked): Promise<ExitCode> {
  const { config, console, stop } = context;
  const { json, plan } = asked.flags;
  const scope = await scopeOf(context, store.journal, asked);
  showScope(scope, console, json);
  const failed = scope.gone.length > 0;
  if (scope.targets.length === 0) return exitCodeOf({ failed, held: false, unsent: false, changes: false });
  const observer = observePass(context, store.journal.nameAtTarget, (event) => {
    if (!json) return;
    const { target, operation, ...facts } = event;
    for (const line of outcomeLines(target, operation, facts)) console.out(JSON.stringify(line));
  });
  const deps: SyncDeps = {
    ...{ store, clock: realClock, random: realRandom, stopMs: config.stopMs },
    ...{ source: wireSource(config), targets: wireTargets(config), emit: (event) => observer.emit(event) },
    connect: connecting(context, false),
  };
  const startedAt = realClock.now();
  const report = await undoPass(deps, { ...optionsOf(context, scope, asked), expected: plan }, stop).finally(() =>
    observer.end(),
  );
  await tidyAfter(context, store, startedAt);
  for (const one of report.reports)
    if (json) console.out(JSON.stringify(summaryLine(one)));
    else undoneText(one, observer.failuresAt(one.target), scope, console.colors).forEach((line) => console.out(line));
  showUnread(report, console, json);
  if (json)
    console.out(JSON.stringify({ type: 'undone', pass: report.pass, undone: asked.pass, paused: report.paused }));
  else for (const line of reportText(report, scope)) console.out(line);
  const [error] = report.errors;
  if (error !== undefined) throw error.error;
  return exitCodeOf({
    failed:
      failed ||
      report.unread.length > 0 ||
      report.reports.some((one) => one.failed > 0 || one.problems > 0 || one.unavailable !== undefined),
    held: report.reports.some(({ held, frozen }) => held !== null || frozen > 0),
    unsent: report.reports.some(({ skipped }) => skipped > 0),
    changes: false,
  });
}

/** @param isDryRun requests are not counted in the state */
const connecting =
  ({ config }: Context, isDryRun: boolean): SyncDeps['connect'] =>
  ({ name }, requestCounts, onPause) => {
    const target = config.targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`no configuration for ${name}`);
    return connect(target, isDryRun ? bufferRequestCounts(requestCounts.since) : requestCounts, onPause);
  };

function showScope(scope: UndoneScope, { out }: Context['console'], json: boolean): void {
  if (json) return out(JSON.stringify(scopeLine(scope)));
  for (const line of scopeText(scope)) out(line);
  if (scope.targets.length === 0) out(emptyText(scope));
}

function showUnread({ unread }: Pick<PlannedUndo, 'unread'>, { out, colors }: Context['console'], json: boolean): void {
  for (const one of unread) out(json ? JSON.stringify(unreadLine(one)) : colors.red(unreadText(one)));
}
