import type { Clock } from '../model/clock.ts';
import { instant, type Instant } from '../model/ids.ts';
import { atIntervals } from '../sync/lanes/at-intervals.ts';
import { pausedByOperator, type Lane, type LaneEnd, type Lanes } from '../sync/lanes/lanes.ts';
import type { News } from '../sync/rounds/news.ts';
import type { LaneState } from '../model/target/lane-state.ts';
import type { Notice } from './notices.ts';
import { createAlarm } from './alarm.ts';
import type { CheckedLane } from './drift-checks.ts';
import { quarantineEnd } from './quarantine.ts';

/** What the lane table takes from outside. */
export interface LaneTableIo {
  readonly clock: Clock;
  /** Runs a pass for this target alone, by the last reading. */
  readonly wake: (target: string) => void;
  /** Keeps what a lane does now; undefined: it is free. */
  readonly save: (target: string, state: LaneState | undefined) => Promise<void>;
  /** The target failed this number of times in a row, and is tried again at that time. */
  readonly onQuarantine: (target: string, failures: number, until: Instant, reason: string) => void;
  /** Lets the lanes take notice of what commands changed. Lanes that send ask for it all the time. */
  readonly takeNotices: () => void;
  /** The target refused its credentials, which are not tried before that time; undefined: it did not. */
  readonly credentialsRefusedUntil?: ((target: string) => Instant | undefined) | undefined;
  /** A quarantined target works again. */
  readonly onRecovery: (target: string) => void;
}

/** The lanes of a daemon, which outlive passes. */
export interface LaneTable {
  /**
   * The lanes for one pass. A target that is busy learns of the reading as news.
   *
   * @param isNews whether the pass is news where the reading is the same: dates fell due
   */
  forPass(isNews: boolean): Lanes;
  /**
   * Lets a free lane be compared with the snapshot between two passes. A pass that wants the lane is news for the
   * check, and the lane runs once the check has left it.
   *
   * @returns undefined if the lane is busy, quarantined or set aside, or failed the last time
   */
  enterCheck(target: string): CheckedLane | undefined;
  /**
   * Lets the lanes take notice of what a command changed:
   *
   *     pause             the lane ends its pass, and no pass wakes it
   *     resume, unfreeze  the lane runs; a busy one takes it as news
   *     freeze            a busy lane takes it as news
   *     approve           the lane runs; a busy one that holds something ends its pass first, because only a whole plan
   *                       uses an approval. One that holds nothing has used it, or plans with it
   *     credentials       the lane runs, also a quarantined one
   *     configuration     a busy lane ends its pass and runs again; a quarantined one is free
   *     removed           the lane ends its pass, and no pass wakes it
   *
   * @param targets all targets
   * @returns the lanes that are to run by the last reading now; a quarantined one runs when its time has come
   */
  notice(notice: Notice, targets: readonly string[]): readonly string[];
}

type LanePass = Parameters<Lanes['enter']>[1];

/** A check is no pass, and each reading is news for it. `status` does not show it: it is over within seconds. */
const checkOfLane: LanePass = { pass: 0, reading: -1 };

interface Row {
  busy: Busy | undefined;
  /** An operator set the target aside while the daemon was running. */
  isPaused: boolean;
  /** The configuration does not have the target any more. */
  isRemoved: boolean;
  failures: number;
  quarantinedUntil: Instant | undefined;
  readonly setAlarm: (at: Instant | undefined) => void;
}

interface Busy {
  reading: number;
  announce(): void;
  /** An operator approved what is held at the target. */
  approve(): void;
  /** Ends this pass of the lane. */
  readonly end: AbortController;
}

/** Creates the table; all lanes are free. */
export function createLaneTable(io: LaneTableIo, stop: AbortSignal): LaneTable {
  const rows = new Map<string, Row>();
  const takeNotices = atIntervals(io.clock, io.takeNotices);
  const rowOf = (target: string): Row => {
    const known = rows.get(target);
    if (known !== undefined) return known;
    const wake = (): void => io.wake(target);
    const row: Row = {
      busy: undefined,
      isPaused: false,
      isRemoved: false,
      failures: 0,
      quarantinedUntil: undefined,
      setAlarm: createAlarm(io.clock, wake, stop),
    };
    rows.set(target, row);
    return row;
  };

  const free = async (target: string, row: Row, end: LaneEnd, pausedUntil: Instant | undefined): Promise<void> => {
    const now = io.clock.now();
    const reason = stop.aborted ? undefined : failureOf(end);
    if (reason === undefined && pausedUntil !== undefined && pausedUntil > now && !stop.aborted) {
      // A new connection does not know of the pause.
      row.quarantinedUntil = pausedUntil;
      row.setAlarm(pausedUntil);
      await io.save(target, { state: 'quarantined', since: now, until: pausedUntil, reason: 'it asked for a pause' });
      return;
    }
    if (reason === undefined) {
      if (row.failures > 0 && end.kind === 'ended' && !stop.aborted) io.onRecovery(target);
      row.failures = 0;
      row.quarantinedUntil = undefined;
      await io.save(target, undefined);
      return;
    }
    row.failures += 1;
    const refusedUntil = io.credentialsRefusedUntil?.(target) ?? now;
    const until = instant(Math.max(quarantineEnd(now, row.failures, pausedUntil), refusedUntil));
    row.quarantinedUntil = until;
    row.setAlarm(until);
    io.onQuarantine(target, row.failures, until, reason);
    await io.save(target, { state: 'quarantined', since: now, until, reason });
  };

  const enter = (target: string, pass: LanePass, isNews: boolean) => {
    const row = rowOf(target);
    if (row.busy !== undefined) {
      if (isNews || pass.reading > row.busy.reading) row.busy.announce();
      row.busy.reading = pass.reading;
      return undefined;
    }
    const now = io.clock.now();
    if (isOut(row) || isQuarantined(row)) return undefined;
    row.setAlarm(undefined);
    const end = new AbortController();
    let isApproved = false;
    let holds = (): boolean => false;
    const endIfApproved = (): void => {
      if (isApproved && holds()) end.abort(new Error(endReasons.approve));
    };
    const { news, announce } = createNews(() => {
      takeNotices();
      endIfApproved();
    });
    let pausedUntil: Instant | undefined;
    const busy = { state: 'busy', since: now, pass: pass.pass } as const;
    // Only `status` reads it, so a state that cannot be written does not end the lane here.
    const save = (until: Instant | undefined): void => {
      if (pass !== checkOfLane) void io.save(target, { ...busy, until }).catch(() => undefined);
    };
    const approve = (): void => {
      isApproved = true;
      endIfApproved();
    };
    row.busy = { reading: pass.reading, announce, approve, end };
    save(undefined);
    const lane: Lane = {
      news,
      end: end.signal,
      planned(given) {
        holds = given;
        endIfApproved();
      },
      waitUntil(at) {
        if (pausedUntil !== undefined && at <= pausedUntil) return;
        pausedUntil = at;
        save(at);
      },
      async leave(left) {
        try {
          await free(target, row, left, pausedUntil);
        } finally {
          // Also where the state cannot be written: a lane that stays busy would never run again.
          row.busy = undefined;
        }
        const isUnplanned =
          news.pending || end.signal.aborted || (left.kind === 'ended' && left.preempted !== undefined);
        if (isUnplanned && !isOut(row) && row.quarantinedUntil === undefined && !stop.aborted) io.wake(target);
      },
    };
    return lane;
  };
  const isOut = ({ isPaused, isRemoved }: Row): boolean => isPaused || isRemoved;
  const isQuarantined = ({ quarantinedUntil }: Row): boolean =>
    quarantinedUntil !== undefined && quarantinedUntil > io.clock.now();

  /** @returns whether the lane is to run now */
  const takeNotice = (target: string, command: Notice['command']): boolean => {
    const row = rowOf(target);
    if (command === 'pause') row.isPaused = true;
    if (command === 'resume') row.isPaused = false;
    row.isRemoved = command === 'removed';
    if (command === 'credentials' || command === 'configuration') {
      row.quarantinedUntil = undefined;
      row.setAlarm(undefined);
    }
    const { busy } = row;
    if (busy === undefined) return wakes.has(command) && !isOut(row) && !isQuarantined(row);
    const endsBecause = (endReasons as Partial<Record<Notice['command'], string>>)[command];
    if (command === 'approve') busy.approve();
    else if (endsBecause === undefined) busy.announce();
    else busy.end.abort(new Error(endsBecause));
    return false;
  };
  return {
    enterCheck(target) {
      const row = rowOf(target);
      if (row.failures > 0) return undefined;
      const lane = enter(target, checkOfLane, false);
      return (
        lane && {
          ...lane,
          async leave(needsPass) {
            if (needsPass) row.busy?.announce();
            await lane.leave({ kind: 'unplanned' });
          },
        }
      );
    },
    forPass: (isNews) => ({ enter: (target, pass) => enter(target, pass, isNews) }),
    notice: ({ command, target }, targets) =>
      (target === undefined ? targets : [target]).filter((one) => targets.includes(one) && takeNotice(one, command)),
  };
}

/** What lets a free lane run by the last reading. A pass follows a reload. */
const wakes: ReadonlySet<Notice['command']> = new Set(['resume', 'unfreeze', 'approve', 'credentials']);

/** Why a busy lane ends its pass. */
const endReasons = {
  pause: pausedByOperator,
  approve: 'an operator approved what the pass holds',
  configuration: 'the configuration of the target was changed',
  removed: 'the target was removed from the configuration',
} as const satisfies Partial<Record<Notice['command'], string>>;

/** Why a lane failed; undefined: it did not. */
function failureOf(end: LaneEnd): string | undefined {
  if (end.kind === 'failed') return end.error instanceof Error ? end.error.message : String(end.error);
  return end.kind === 'ended' ? end.report.unavailable : undefined;
}

function createNews(takeNotices: () => void): { readonly news: News; readonly announce: () => void } {
  let isPending = false;
  return {
    news: {
      get pending() {
        takeNotices();
        return isPending;
      },
      take() {
        isPending = false;
      },
    },
    announce: () => {
      isPending = true;
    },
  };
}
