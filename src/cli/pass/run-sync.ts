import type { TargetConfig } from '../../config/config.ts';
import { watchNotices } from '../../daemon/notices.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { stateFailure } from '../../store/sqlite/damage.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../sync/events.ts';
import type { Lanes } from '../../sync/lanes/lanes.ts';
import { noticingLanes } from '../../sync/lanes/noticing-lanes.ts';
import { sync, type SyncOptions, type SyncReport } from '../../sync/pass.ts';
import { tidyState } from '../../sync/retention/tidy-state.ts';
import { realClock, realRandom } from '../clock.ts';
import { passOptions, type Context } from '../context.ts';
import { selectTargets, subjectOfFlags, type SubjectFlags } from '../program/selection-flags.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { connectWatched } from '../watch/connect-watched.ts';
import { watchedLanes, type PassWatch } from '../watch/pass-watch.ts';
import { wireTargets } from '../wire.ts';

/** What an operator asks of a pass. */
export interface PassFlags extends SubjectFlags {
  readonly target: readonly string[];
  readonly full: boolean;
  readonly retry?: boolean;
  readonly allowRemovals: number | undefined;
  readonly plan: string | undefined;
  readonly reason?: string;
  readonly acceptSource: boolean;
  readonly adoptConflicts: boolean;
}

/** What a pass of the daemon, or of a command that requeued records, asks besides. */
export type PassExtras = Partial<
  Pick<SyncOptions, 'lanes' | 'onRead' | 'onReport' | 'byLastReading' | 'notDue' | 'onlyRequeued' | 'note'>
> & {
  /** Watches the pass. */
  readonly watch?: PassWatch | undefined;
  /** What receives the requests in place of the targets, under their names. */
  readonly standIns?: readonly TargetConfig[] | undefined;
};

/** A reason without an approval would be lost. @throws OperatorError */
export function requireApproval({ reason, allowRemovals, plan, acceptSource, adoptConflicts }: PassFlags): void {
  if (reason === undefined || allowRemovals !== undefined || plan !== undefined || acceptSource || adoptConflicts)
    return;
  throw new OperatorError(
    'commandLine.reasonAlone',
    '--reason is the reason of an approval, and this command line approves nothing. Add --plan, --allow-removals, ' +
      '--accept-source or --adopt-conflicts, or leave an approval with "scimsync approve PLAN --reason …"',
    4,
  );
}

/** One pass over an open state, with the source and the targets of the configuration. Afterwards tidies the state. */
export async function runSync(
  context: Context,
  store: Store,
  flags: PassFlags,
  emit: Emit,
  { watch, lanes, standIns, ...extras }: PassExtras = {},
): Promise<SyncReport> {
  const { config, stop } = context;
  const io = {
    store,
    source: wireSource(config),
    joinedSources: wireJoinedSources(config),
    targets: wireTargets(config, flags),
    clock: realClock,
    random: realRandom,
    emit,
    stopMs: config.stopMs,
    connect: connectWatched(standIns ?? config.targets, watch),
  };
  const options = {
    ...syncOptions(context, flags),
    ...extras,
    lanes: lanes === undefined ? undefined : watchedLanes(lanes, watch),
    plan: flags.plan,
  };
  const startedAt = realClock.now();
  const report = await sync(io, options, stop);
  await tidyAfter(context, store, startedAt);
  return report;
}

/** Removes what the state no longer needs, and adds what is done to the chain. A failure is logged. */
export async function tidyAfter({ config, log, stop }: Context, store: Store, startedAt: Instant): Promise<void> {
  await tidyState(store.retention, {
    ...{ clock: realClock, now: realClock.now(), passMs: realClock.now() - startedAt, stop },
    historyMs: config.historyMs,
    guardWindowMs: Math.max(0, ...config.targets.map(({ guard }) => guard.windowMs)),
    lastReading: (await store.mirror.last())?.completed,
  }).catch((error: unknown) => {
    const { message } = stateFailure(config.state, error) ?? (error as Error);
    log.warn({ reason: message }, 'the state keeps what is no longer needed');
  });
}

function syncOptions(context: Context, flags: PassFlags): ReturnType<typeof passOptions> {
  const { allowRemovals, plan, reason, acceptSource, adoptConflicts } = flags;
  const because = reason === undefined ? '' : `: ${reason}`;
  const notes = [
    ...(acceptSource ? [`${context.operator} accepted the source read with --accept-source${because}`] : []),
    ...(adoptConflicts
      ? [`${context.operator} let conflicting accounts be adopted with --adopt-conflicts${because}`]
      : []),
  ];
  return passOptions(context, {
    only: selectTargets(context.config, flags.target),
    full: flags.full,
    retry: flags.retry === true,
    subject: subjectOfFlags(flags),
    approval: {
      ...(allowRemovals === undefined ? {} : { removals: allowRemovals }),
      ...(plan === undefined ? {} : { plan }),
      ...(reason === undefined ? {} : { reason }),
    },
    acceptSource,
    note: notes.length === 0 ? undefined : notes.join('; '),
  });
}

/** Lanes for one pass that takes notice of pauses and freezes while it sends. Only an operator ends one early. */
export async function withNoticingLanes<T>(store: Store, pass: (lanes: Lanes) => Promise<T>): Promise<T> {
  const lanes = noticingLanes(store.notices, realClock);
  const ended = new AbortController();
  void watchNotices(realClock, lanes.takeNotices, ended.signal);
  try {
    return await pass(lanes);
  } finally {
    ended.abort();
  }
}
