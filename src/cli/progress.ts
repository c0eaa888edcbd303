import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/time.ts';
import type { Result } from '../sync/events.ts';
import type { Console } from './console.ts';
import { write } from './output/streams.ts';
import { grouped } from './print/format.ts';

const redrawEveryMs = 100;
const logEveryMs = 15_000;

interface TargetProgress {
  total: number;
  done: number;
  readonly startedAt: number;
}

/** The progress line of a pass. */
export interface Progress {
  /** Announces operations that are to be sent. A further round of the pass adds to the number. */
  expect(target: string, operations: number): void;
  /** An operation ended. Held and skipped operations were not sent, so they do not count. */
  step(target: string, result: Result): void;
  /** Removes the line before other output. */
  clear(): void;
}

/**
 * Progress of a pass: operations done, operations per second, time remaining. A terminal shows one line that is
 * overwritten; otherwise a log line appears every 15 seconds. There is no timer: each operation calls `step`, which is
 * often enough.
 */
export function createProgress(
  clock: Clock,
  { isInteractive, errColors }: Console,
  log: (target: string, done: number, total: number, perSecond: number, remainingMs: number) => void,
): Progress {
  const byTarget = new Map<string, TargetProgress>();
  let isDrawn = false;
  let lastDrawnAt = 0;
  let lastLoggedAt: number = clock.now();

  const clear = (): void => {
    if (isDrawn) write(2, '\r\u001b[K');
    isDrawn = false;
  };
  return {
    expect(target, operations) {
      const progress = byTarget.get(target);
      if (progress === undefined) byTarget.set(target, { total: operations, done: 0, startedAt: clock.now() });
      else progress.total += operations;
    },
    step(target, result) {
      const progress = byTarget.get(target);
      if (progress === undefined || result === 'held' || result === 'skipped') return;
      progress.done += 1;
      const now = clock.now();
      if (isInteractive && (now - lastDrawnAt >= redrawEveryMs || progress.done === progress.total)) {
        lastDrawnAt = now;
        isDrawn = true;
        write(
          2,
          `\r\u001b[K${errColors.dim(
            [...byTarget]
              .filter(([, { total }]) => total > 0)
              .map(([name, one]) => progressText(name, one, now))
              .join('   '),
          )}`,
        );
      } else if (!isInteractive && now - lastLoggedAt >= logEveryMs) {
        lastLoggedAt = now;
        log(target, progress.done, progress.total, perSecond(progress, now), remainingMsOf(progress, now));
      }
    },
    clear,
  };
}

function progressText(target: string, progress: TargetProgress, now: number): string {
  const remainingText = progress.done < progress.total ? `, ${formatDuration(remainingMsOf(progress, now))} left` : '';
  const doneText = `${grouped(progress.done)}/${grouped(progress.total)}`;
  return `${target} ${doneText}, ${perSecond(progress, now).toFixed(1)}/s${remainingText}`;
}

function perSecond({ done, startedAt }: TargetProgress, now: number): number {
  return (done / Math.max(1, now - startedAt)) * 1000;
}

function remainingMsOf(progress: TargetProgress, now: number): number {
  return ((progress.total - progress.done) / Math.max(0.001, perSecond(progress, now))) * 1000;
}
