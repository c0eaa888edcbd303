import type { Clock } from '../model/clock.ts';
import type { Instant } from '../model/ids.ts';
import type { Lanes } from '../sync/lanes/lanes.ts';
import type { DriftChecksIo } from './drift-checks.ts';
import type { LaneTableIo } from './lane-table.ts';
import type { Notice } from './notices.ts';

/** Calls `onTick` whenever a pass is scheduled, until `stop` is aborted. */
export type Schedule = (onTick: () => void, stop: AbortSignal) => void;

/** Calls `onChange` soon after the source changed, until `stop` is aborted. */
export type ChangeWatcher = (onChange: () => void, stop: AbortSignal) => Promise<void>;

/** What the daemon hands to a pass. */
export interface PassSignals {
  /** The targets of the pass that are free take part in it. */
  readonly lanes: Lanes;
  /** The only targets of the pass, by name; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** The pass reads no source: one target is tried again, or catches up. */
  readonly byLastReading: boolean;
  /** The sources that the pass does not read, by name: they have schedules of their own, and are not due. */
  readonly notDue: ReadonlySet<string>;
  /** The pass calls it once its reading is committed, with the names of the sources whose readings it accepted. */
  readonly onRead: (accepted: ReadonlySet<string>) => void;
}

/** A target as the daemon handles it. */
export interface DaemonTarget {
  readonly name: string;
  /** When it takes part in a pass; undefined: at each tick of the daemon, change of the source and date of a user. */
  readonly schedule: Schedule | undefined;
  /** Whether it is compared with the snapshot between passes; by default not. */
  readonly isChecked?: boolean;
}

/** A source that starts passes of its own. */
export interface DaemonSource {
  readonly name: string;
  /** When it is read; undefined: in every pass. */
  readonly schedule: Schedule | undefined;
  /** Undefined: its changes start no pass. */
  readonly watch: ChangeWatcher | undefined;
  /** Its watcher waits for the end of a series of changes itself, as files do. */
  readonly isSettled?: boolean;
}

/** Everything that the daemon takes from outside. A reload may replace the schedule, the sources and the targets. */
export interface DaemonIo extends Omit<LaneTableIo, 'wake' | 'takeNotices'> {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly sources: readonly DaemonSource[];
  readonly targets: readonly DaemonTarget[];
  /**
   * Calls `onReload` after a reload of the configuration, with what it means for lanes, and after a new secret of a
   * source; until `stop` is aborted.
   */
  readonly watchReloads?: (onReload: (notices: readonly Notice[]) => void, stop: AbortSignal) => void;
  /** Runs one pass. The pass observes the stop signal itself, and ends early. */
  readonly pass: (signals: PassSignals) => Promise<void>;
  /** Continues the comparison of a target with the snapshot; as `DriftChecksIo.check`. */
  readonly check?: DriftChecksIo['check'];
  /** The first moment after `after` at which the dates of users have an effect; undefined: there is none. */
  readonly nextBoundary: (after: Instant) => Instant | undefined;
  /** What commands changed since the last call. Cheap: it is called between two operations of a lane. */
  readonly notices: () => readonly Notice[];
  /** A pass or the watcher failed, and not because the daemon stops. */
  readonly onError: (error: unknown) => void;
  /** A scheduled pass waits until the source has been read for another one. */
  readonly onLateTick: () => void;
}
