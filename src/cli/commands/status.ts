import type { NextTry } from '../../model/requeue.ts';
import { formatTime } from '../../model/time.ts';
import { goneTargets } from '../../plan/target-identity.ts';
import type { TargetStatus, ReadOnlyStore } from '../../store/read-only-store.ts';
import { noSecondLooks } from '../../store/snapshot/second-looks.ts';
import type { ApprovalRecord, Freeze, PassInfo } from '../../store/store.ts';
import type { Console } from '../console.ts';
import { realClock } from '../clock.ts';
import { openView, type Context, type ExitCode } from '../context.ts';
import { approvalAsJson, approvalText } from '../print/approval-text.ts';
import { keyChangeLines, keyChangesText } from '../print/key-changes.ts';
import { rejectionsText } from '../print/rejections.ts';
import { plural } from '../print/format.ts';
import { maxNamedRejections } from '../../sync/plan-pass.ts';
import { joinedSourcesOf, sourceLines } from '../source/joined-source-reports.ts';
import { joinedSourcesText } from '../source/joined-sources-text.ts';
import { judgementsText } from '../print/judgements.ts';
import { learnedLine, learnedText } from '../print/learned-text.ts';
import { orphanLines } from '../print/orphans-text.ts';
import { pauseAsJson, pauseText, showSuspensions } from '../print/suspensions-text.ts';
import { secondLooksLine, secondLooksText } from '../print/second-looks-text.ts';

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
    view.requireSound();
    const targets = view.targets();
    const names = config.targets.map(({ name }) => name);
    const all = names.map((name) => targets.find((target) => target.name === name) ?? emptyStatus(name));
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
      for (const target of all) console.out(JSON.stringify(statusLine(target)));
      for (const target of unconfigured)
        console.out(JSON.stringify({ ...statusLine(target), configured: false, accounts: accountsOf(target) }));
    } else {
      showPass(view, console.out);
      for (const approval of approvalsOf(view)) console.out(`  ${approvalLine(approval)}`);
      await showSource(view, config, console);
      showSuspensions(suspended, { json: false, zone }, console);
      for (const target of all) for (const line of statusText(target)) console.out(line);
      for (const target of unconfigured) for (const line of goneText(target)) console.out(line);
    }
    return 0;
  } finally {
    view.close();
  }
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

const accountsOf = ({ users, groups }: TargetStatus): number => users.active + users.inactive + groups;

/** A target that the configuration no longer has: its accounts stay open, and no pass removes a leaver there. */
function goneText(target: TargetStatus): readonly string[] {
  const { name, users, groups, uncertain } = target;
  return [
    `${name}: is not in the configuration, and still holds ${plural(accountsOf(target), 'account')}: ` +
      `${plural(users.active, 'active person', 'active people')}, ${users.inactive} inactive, ` +
      `${plural(groups, 'group')}. No pass removes leavers there.`,
    ...(uncertain > 0 ? [`  ${plural(uncertain, 'create is', 'creates are')} in doubt`] : []),
    `  If it was renamed, run "scimsync target rename ${name} NEW"; ` +
      `if its accounts are no longer to be managed, run "scimsync target forget ${name}"`,
  ];
}

function emptyStatus(name: string): TargetStatus {
  return {
    name,
    paused: undefined,
    users: { active: 0, inactive: 0 },
    groups: 0,
    memberships: 0,
    due: 0,
    uncertain: 0,
    missing: 0,
    deletionsRefused: 0,
    secondLooks: noSecondLooks,
    behind: 0,
    orphans: 0,
    unowned: 0,
    listed: undefined,
    last: undefined,
    ignoredWrites: [],
    learned: [],
    discovery: undefined,
    discoveryReadAt: undefined,
    failing: [],
  };
}

function statusLine(status: TargetStatus): Readonly<Record<string, unknown>> {
  const { name, paused, last, ignoredWrites, learned, discovery: _, discoveryReadAt, listed, ...rest } = status;
  return {
    type: 'target',
    target: name,
    paused: paused === undefined ? null : pauseAsJson(paused),
    ...rest,
    secondLooks: secondLooksLine(rest.secondLooks),
    listed: listed === undefined ? null : formatTime(listed),
    ignoredWrites: ignoredWrites.map(({ kind, at }) => ({ kind, at: formatTime(at) })),
    learned: learned.map(learnedLine),
    serviceProviderConfigReadAt: discoveryReadAt === undefined ? null : formatTime(discoveryReadAt),
    last:
      last === undefined
        ? null
        : {
            pass: last.pass,
            at: formatTime(last.at),
            ended: last.ended === undefined ? null : formatTime(last.ended),
            result: last.result ?? null,
            summary: last.summary,
          },
  };
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

function statusText({
  name,
  paused,
  users,
  groups,
  memberships,
  due,
  uncertain,
  missing,
  deletionsRefused,
  secondLooks,
  behind,
  last,
  learned,
  orphans,
  unowned,
  failing,
}: TargetStatus): readonly string[] {
  const pause = paused === undefined ? [] : [`  ${pauseText(paused)}`];
  if (last === undefined) return [`${name}: not processed yet`, ...pause];
  const { held } = last.summary as { held: { reasons: readonly string[] } | null };
  return [
    `${name}: ${plural(users.active, 'active person', 'active people')}, ${users.inactive} inactive, ` +
      `${plural(groups, 'group')}, ${plural(memberships, 'membership')}; ` +
      `processed in pass ${last.pass} at ${formatTime(last.at)}`,
    ...pause,
    ...(behind > 0 ? [`  ${plural(behind, 'reading')} behind the source`] : []),
    ...(held === null ? [] : held.reasons.map((reason) => `  held: ${reason}`)),
    ...(due > 0
      ? [`  ${plural(due, 'record or membership', 'records and memberships')} due: failed, held or waiting`]
      : []),
    ...(uncertain > 0
      ? [
          `  ${plural(uncertain, 'create is', 'creates are')} in doubt: not answered, or refused; ` +
            'the next pass looks the account up first',
        ]
      : []),
    ...(missing > 0
      ? [
          `  ${plural(missing, 'account is', 'accounts are')} missing at the target; ` +
            'those of active people are created again, within the guard',
        ]
      : []),
    ...(deletionsRefused > 0
      ? [
          `  ${plural(deletionsRefused, 'deletion was', 'deletions were')} refused by the target; ` +
            'the access has ended, and the deletion is tried again',
        ]
      : []),
    ...secondLooksText(secondLooks).map((line) => `  ${line}`),
    ...orphanLines(name, { orphans, unowned }).map((line) => `  ${line}`),
    ...learnedText(learned).map((line) => `  ${line}`),
    ...failing.map(({ resourceType, name: ownName, key, detail, nextTry }) => {
      const label = ownName === '' ? key : `${ownName} (${key})`;
      return `    ${resourceType === 'User' ? 'user' : 'group'} ${label}: ${detail}${nextTryText(nextTry)}`;
    }),
  ];
}

const nextTryText = (nextTry: NextTry | undefined): string =>
  nextTry === undefined ? '' : `; next try in pass ${nextTry.pass}, ${formatTime(nextTry.at)} at the latest`;
