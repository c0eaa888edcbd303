import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/time.ts';
import type { Console } from './console.ts';
import { write } from './console.ts';

const redrawEveryMs = 100;
const logEveryMs = 15_000;

interface TargetProgress {
  total: number;
  done: number;
  readonly startedAt: number;
}

export interface Progress {
  expect(target: string, operations: number): void;
  step(target: string): void;
  /** Takes the line away, so that something else can be written. */
  clear(): void;
}

/**
 * How far a pass is, how fast, and how long it will take: one line that is written over on a terminal, a log line now and
 * then elsewhere. It has no timer of its own: it is told of every operation, and that is often enough.
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
    step(target) {
      const progress = byTarget.get(target);
      if (progress === undefined) return;
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
  return `${target} ${progress.done.toLocaleString('en')}/${progress.total.toLocaleString('en')}, ${perSecond(progress, now).toFixed(1)}/s${remainingText}`;
}

function perSecond({ done, startedAt }: TargetProgress, now: number): number {
  return (done / Math.max(1, now - startedAt)) * 1000;
}

function remainingMsOf(progress: TargetProgress, now: number): number {
  return ((progress.total - progress.done) / Math.max(0.001, perSecond(progress, now))) * 1000;
}
