import { maxNamedRejections } from '../../model/reading/rejected-row.ts';
import { formatTime } from '../../model/time.ts';
import { needsPerson } from '../../page/facts/finding.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { ApprovalRecord } from '../../store/store.ts';
import type { Console } from '../console.ts';
import { realClock } from '../clock.ts';
import { openView, stateName, type Context, type ExitCode } from '../context.ts';
import { readStatus, statusNeedsPerson, type Status, type StatusOfTarget } from '../facts/read-status.ts';
import { approvalAsJson, approvalText } from '../print/audit/approval-text.ts';
import { keyChangeLines, keyChangesText } from '../print/key-changes.ts';
import { rejectionsText } from '../print/rejections.ts';
import { joinedSourcesOf, sourceLines } from '../source/joined-source-reports.ts';
import { joinedSourcesText } from '../source/joined-sources-text.ts';
import { judgementsText } from '../print/judgements.ts';
import { accountsOf, goneText, statusLine, statusText } from '../print/status/target-status.ts';
import { channelLine, channelText } from '../print/status/channel-text.ts';
import { showSuspensions } from '../print/suspensions-text.ts';

/** Options of `status`. */
export interface StatusFlags {
  readonly json: boolean;
  /** Whether the exit code is 1 while something needs a person. */
  readonly exitCode: boolean;
}

/** A larger state, in bytes, is checked by `check` only: 1.5 to 3 ms per MB, and `status` answers within a second. */
const maxBytesChecked = 128 * 2 ** 20;

/**
 * `status`: the last pass, and for each target its counts, its held and failed operations, and how far it is behind.
 */
export async function statusCommand(context: Context, flags: StatusFlags): Promise<ExitCode> {
  const { config, console } = context;
  const view = openView(config);
  if (view === undefined) {
    if (flags.json)
      for (const { name } of config.targets) console.out(JSON.stringify({ type: 'target', target: name, last: null }));
    else
      console.out(
        `There is no state at ${stateName(context)} yet: no pass has run. ` +
          '"scimsync plan" shows what the first would do.',
      );
    // Where a state is expected, it was lost.
    return flags.exitCode ? 1 : 0;
  }
  try {
    view.requireSound(maxBytesChecked);
    const status = await readStatus(view, config, realClock.now());
    await (flags.json ? showAsJson : showAsText)(view, status, config, console);
    await showDaemons(context, flags);
    return flags.exitCode && statusNeedsPerson(status) ? 1 : 0;
  } finally {
    view.close();
  }
}

async function showAsJson(
  view: ReadOnlyStore,
  status: Status,
  config: Context['config'],
  console: Console,
): Promise<void> {
  showPassAsJson(status, console.out);
  await showReadingAsJson(view, console.out);
  for (const line of await sourceLines(view, config)) console.out(JSON.stringify(line));
  showActionAsJson(status, console.out);
  for (const line of keyChangeLines(view.keyChanges.pending())) console.out(JSON.stringify(line));
  for (const approval of status.approvals)
    console.out(JSON.stringify({ type: 'approval', ...approvalAsJson(approval) }));
  showSuspensions(suspended(status), { json: true, zone: config.source.users.timezone }, console);
  for (const { kind, target = null, text, command = null } of status.upkeep)
    console.out(JSON.stringify({ type: 'upkeep', about: kind, target, text, command }));
  for (const channel of status.failingChannels) console.out(JSON.stringify(channelLine(channel)));
  for (const target of status.targets) console.out(JSON.stringify(targetLine(target)));
}

async function showAsText(
  view: ReadOnlyStore,
  status: Status,
  config: Context['config'],
  console: Console,
): Promise<void> {
  showPass(status, console.out);
  for (const approval of status.approvals) console.out(`  ${approvalLine(approval)}`);
  await showSource(view, config, console);
  for (const { text } of status.upkeep) console.out(console.colors.yellow(text));
  for (const channel of status.failingChannels) console.out(channelText(channel));
  showSuspensions(suspended(status), { json: false, zone: config.source.users.timezone }, console);
  for (const { status: target, isConfigured, findings } of status.targets)
    for (const line of isConfigured ? statusText(target, findings) : goneText(target)) console.out(line);
}

/** Which daemons share the state, where it is in a database. */
async function showDaemons({ shared, console }: Context, { json }: StatusFlags): Promise<void> {
  if (shared === undefined) return;
  const { worker, standbys } = await shared.daemons();
  if (worker === undefined && standbys.length === 0) return;
  if (json) {
    console.out(JSON.stringify({ type: 'daemons', worker: worker ?? null, standbys }));
    return;
  }
  if (worker !== undefined) console.out(`Worker: ${worker}`);
  for (const standby of standbys) console.out(`Standby: ${standby}`);
}

const suspended = ({ freezes }: Status) => ({ paused: [], freezes });

const targetLine = ({
  status,
  isConfigured,
  leavers,
  findings,
}: StatusOfTarget): Readonly<Record<string, unknown>> => ({
  ...statusLine(status, leavers),
  ...(isConfigured ? {} : { configured: false, accounts: accountsOf(status) }),
  needsPerson: findings.some(needsPerson),
});

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

function showPassAsJson({ pass, holder }: Status, out: (line: string) => void): void {
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

function showActionAsJson({ action }: Status, out: (line: string) => void): void {
  if (action === undefined) return;
  const { command, started, note = null } = action;
  out(JSON.stringify({ type: 'action', command, at: formatTime(started), note }));
}

function showPass({ pass, holder, action }: Status, out: (line: string) => void): void {
  if (pass !== undefined) {
    const result = pass.result ?? (holder === undefined ? 'interrupted' : 'running');
    const note = pass.note === undefined ? '' : `: ${pass.note}`;
    out(`Last pass: ${pass.id}, ${formatTime(pass.started)}, "scimsync ${pass.command}", ${result}${note}`);
  }
  if (action !== undefined)
    out(`Since then: ${formatTime(action.started)}, "scimsync ${action.command}": ${action.note ?? ''}`);
  if (holder !== undefined)
    out(
      `Running: "scimsync ${holder.command}", process ${holder.pid} on ${holder.host}, ` +
        `since ${formatTime(holder.since)}`,
    );
}
