import { maxNamedRejections } from '../../model/reading/rejected-row.ts';
import { formatTime } from '../../model/time.ts';
import { goneTargets } from '../../plan/target-identity.ts';
import type { ReadOnlyStore, TargetStatus } from '../../store/read-only-store.ts';
import type { ApprovalRecord, Freeze, PassInfo } from '../../store/store.ts';
import type { Console } from '../console.ts';
import { realClock } from '../clock.ts';
import type { WaitingLeavers } from '../../sync/suspensions/leavers-at-pause.ts';
import { openView, type Context, type ExitCode } from '../context.ts';
import { approvalAsJson, approvalText } from '../print/approval-text.ts';
import { keyChangeLines, keyChangesText } from '../print/key-changes.ts';
import { rejectionsText } from '../print/rejections.ts';
import { joinedSourcesOf, sourceLines } from '../source/joined-source-reports.ts';
import { joinedSourcesText } from '../source/joined-sources-text.ts';
import { judgementsText } from '../print/judgements.ts';
import { laneNow } from '../print/status/lane-text.ts';
import { accountsOf, emptyStatus, goneText, statusLine, statusText } from '../print/status/target-status.ts';
import { showSuspensions } from '../print/suspensions-text.ts';

/** A larger state, in bytes, is checked by `check` only: 1.5 to 3 ms per MB, and `status` answers within a second. */
const maxBytesChecked = 128 * 2 ** 20;

/**
 * `status`: the last pass, and for each target its counts, its held and failed operations, and how far it is behind.
 */
export async function statusCommand(
  { config, console }: Context,
  flags: { readonly json: boolean },
): Promise<ExitCode> {
  const view = openView(config);
  if (view === undefined) {
    if (flags.json)
      for (const { name } of config.targets) console.out(JSON.stringify({ type: 'target', target: name, last: null }));
    else
      console.out(
        `There is no state at ${config.state} yet: no pass has run. "scimsync plan" shows what the first would do.`,
      );
    return 0;
  }
  try {
    view.requireSound(maxBytesChecked);
    const targets = view.targets();
    const names = config.targets.map(({ name }) => name);
    const isRunning = view.holder() !== undefined;
    const all = names
      .map((name) => targets.find((target) => target.name === name) ?? emptyStatus(name))
      .map((target) => ({ ...target, lane: laneNow(target, isRunning) }));
    const leavers = await leaversAtPauses(view, config, all);
    const gone = goneTargets(names, view.knownTargets()).map(({ name }) => name);
    const suspended = { paused: [], freezes: freezesInForce(view) };
    const zone = config.source.users.timezone;
    const unconfigured = targets.filter(({ name }) => gone.includes(name));
    if (flags.json) {
      showPassAsJson(view, console.out);
      await showReadingAsJson(view, console.out);
      for (const line of await sourceLines(view, config)) console.out(JSON.stringify(line));
      showActionAsJson(view, console.out);
      for (const line of keyChangeLines(view.keyChanges.pending())) console.out(JSON.stringify(line));
      for (const approval of approvalsOf(view))
        console.out(JSON.stringify({ type: 'approval', ...approvalAsJson(approval) }));
      showSuspensions(suspended, { json: true, zone }, console);
      for (const target of all) console.out(JSON.stringify(statusLine(target, leavers.get(target.name))));
      for (const target of unconfigured)
        console.out(
          JSON.stringify({ ...statusLine(target, undefined), configured: false, accounts: accountsOf(target) }),
        );
    } else {
      showPass(view, console.out);
      for (const approval of approvalsOf(view)) console.out(`  ${approvalLine(approval)}`);
      await showSource(view, config, console);
      showSuspensions(suspended, { json: false, zone }, console);
      for (const target of all)
        for (const line of statusText(target, leavers.get(target.name), view.nameAtTarget)) console.out(line);
      for (const target of unconfigured) for (const line of goneText(target)) console.out(line);
    }
    return 0;
  } finally {
    view.close();
  }
}

/** Who loses access after the pause, for each paused target. */
async function leaversAtPauses(
  view: ReadOnlyStore,
  config: Context['config'],
  targets: readonly TargetStatus[],
): Promise<ReadonlyMap<string, WaitingLeavers>> {
  const leavers = new Map<string, WaitingLeavers>();
  const paused = targets.flatMap(({ name, paused: pause }) => (pause === undefined ? [] : [name]));
  if (paused.length === 0) return leavers;
  // Only a pause needs the rules of targets.
  const { leaversAtPause } = await import('../../sync/suspensions/leavers-at-pause.ts');
  const { wireTargets } = await import('../wire.ts');
  for (const spec of wireTargets(config))
    if (paused.includes(spec.name)) leavers.set(spec.name, await leaversAtPause(view, spec, realClock.now()));
  return leavers;
}

/** A freeze whose time has passed ends with the next pass. */
const freezesInForce = (view: ReadOnlyStore): readonly Freeze[] =>
  view.freezes().filter(({ ended, until }) => ended === undefined && (until === undefined || until > realClock.now()));

/** The approvals of the last pass, and those that wait for the next one. */
const approvalsOf = (view: ReadOnlyStore): readonly ApprovalRecord[] => [
  ...view.approvals(view.lastPass()?.id),
  ...view.approvals('waiting'),
];

const approvalLine = (approval: ApprovalRecord): string =>
  approval.pass === undefined
    ? `${approval.target ?? ''}: ${approvalText(approval)}; it waits for the next pass`
    : approvalText(approval);

const rejectionsOf = ({ mirror }: ReadOnlyStore) => mirror.rejectionReport(maxNamedRejections);

/** What the last reading found out about the source: judgements, changed keys, rejected rows. */
async function showSource(view: ReadOnlyStore, config: Context['config'], { out, colors }: Console): Promise<void> {
  const reading = await view.mirror.last();
  judgementsText(reading?.facts.judgements ?? [], colors).forEach((line) => out(line));
  for (const line of keyChangesText(view.keyChanges.pending())) out(line);
  for (const line of rejectionsText(await rejectionsOf(view))) out(colors.red(line));
  for (const line of joinedSourcesText(await joinedSourcesOf(view, config), colors)) out(line);
}

function showPassAsJson(view: ReadOnlyStore, out: (line: string) => void): void {
  const pass = view.lastPass();
  const holder = view.holder();
  out(
    JSON.stringify({
      type: 'pass',
      last:
        pass === undefined
          ? null
          : {
              pass: pass.id,
              command: pass.command,
              started: formatTime(pass.started),
              ended: pass.ended === undefined ? null : formatTime(pass.ended),
              result: pass.result ?? null,
              note: pass.note ?? null,
              judgements: pass.judgements ?? null,
            },
      running: holder === undefined ? null : { ...holder, since: formatTime(holder.since) },
    }),
  );
}

/** The last accepted reading, and what is reported about it. */
async function showReadingAsJson(view: ReadOnlyStore, out: (line: string) => void): Promise<void> {
  const reading = await view.mirror.last();
  if (reading === undefined) return;
  const { number, at, rejected, facts } = reading;
  out(
    JSON.stringify({
      type: 'reading',
      reading: number,
      at: formatTime(at),
      rejected,
      directory: facts.directory ?? null,
      judgements: facts.judgements ?? [],
    }),
  );
}

/** The last command of an operator, if it is newer than the last pass. */
function newAction(view: ReadOnlyStore): PassInfo | undefined {
  const action = view.lastAction();
  return action !== undefined && action.id > (view.lastPass()?.id ?? 0) ? action : undefined;
}

function showActionAsJson(view: ReadOnlyStore, out: (line: string) => void): void {
  const action = newAction(view);
  if (action === undefined) return;
  const { command, started, note = null } = action;
  out(JSON.stringify({ type: 'action', command, at: formatTime(started), note }));
}

function showPass(view: ReadOnlyStore, out: (line: string) => void): void {
  const pass = view.lastPass();
  if (pass !== undefined) {
    const result = pass.result ?? (view.holder() === undefined ? 'interrupted' : 'running');
    const note = pass.note === undefined ? '' : `: ${pass.note}`;
    out(`Last pass: ${pass.id}, ${formatTime(pass.started)}, "scimsync ${pass.command}", ${result}${note}`);
  }
  const action = newAction(view);
  if (action !== undefined)
    out(`Since then: ${formatTime(action.started)}, "scimsync ${action.command}": ${action.note ?? ''}`);
  const holder = view.holder();
  if (holder !== undefined)
    out(
      `Running: "scimsync ${holder.command}", process ${holder.pid} on ${holder.host}, ` +
        `since ${formatTime(holder.since)}`,
    );
}
