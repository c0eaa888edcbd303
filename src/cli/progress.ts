import type { Clock } from '../model/world.ts';
import { duration } from '../model/time.ts';
import type { Console } from './console.ts';
import { write } from './console.ts';

const redrawEveryMs = 100;
const logEveryMs = 15_000;

interface Way {
  total: number;
  done: number;
  readonly began: number;
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
export function openProgress(
  clock: Clock,
  { interactive, errColors }: Console,
  log: (target: string, done: number, total: number, perSecond: number, leftMs: number) => void,
): Progress {
  const ways = new Map<string, Way>();
  let drawn = false;
  let lastDrawn = 0;
  let lastLogged: number = clock.now();

  const clear = (): void => {
    if (drawn) write(2, '\r\u001b[K');
    drawn = false;
  };
  return {
    expect(target, operations) {
      const way = ways.get(target);
      if (way === undefined) ways.set(target, { total: operations, done: 0, began: clock.now() });
      else way.total += operations;
    },
    step(target) {
      const way = ways.get(target);
      if (way === undefined) return;
      way.done += 1;
      const now = clock.now();
      if (interactive && (now - lastDrawn >= redrawEveryMs || way.done === way.total)) {
        lastDrawn = now;
        drawn = true;
        write(
          2,
          `\r\u001b[K${errColors.dim(
            [...ways]
              .filter(([, { total }]) => total > 0)
              .map(([name, one]) => line(name, one, now))
              .join('   '),
          )}`,
        );
      } else if (!interactive && now - lastLogged >= logEveryMs) {
        lastLogged = now;
        log(target, way.done, way.total, rate(way, now), left(way, now));
      }
    },
    clear,
  };
}

function line(target: string, way: Way, now: number): string {
  const rest = way.done < way.total ? `, ${duration(left(way, now))} left` : '';
  return `${target} ${way.done.toLocaleString('en')}/${way.total.toLocaleString('en')}, ${rate(way, now).toFixed(1)}/s${rest}`;
}

function rate({ done, began }: Way, now: number): number {
  return (done / Math.max(1, now - began)) * 1000;
}

function left(way: Way, now: number): number {
  return ((way.total - way.done) / Math.max(0.001, rate(way, now))) * 1000;
}
