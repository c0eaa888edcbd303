import { instant, type Instant } from '../../model/ids.ts';
import type { Activity } from '../../page/facts/page-facts.ts';
import type { TargetPass } from '../../store/browse/browse.ts';
import { summaryOf } from '../print/status/stored-summary.ts';

const hourMs = 60 * 60 * 1000;
/** The hours that the plot shows. */
const hours = 48;

/** A pass at one target, with the times of some of its requests. */
export interface TimedPass extends Pick<TargetPass, 'started' | 'summary'> {
  readonly latencies: readonly number[];
}

/** When the first period of the plot begins. */
export const activityStart = (now: Instant): Instant => instant((Math.floor(now / hourMs) - hours + 1) * hourMs);

/** What passes did in each of the last hours, the oldest first. */
export function activityOf(passes: readonly TimedPass[], now: Instant): readonly Activity[] {
  const start = activityStart(now);
  return Array.from({ length: hours }, (_, index) => {
    const from = instant(start + index * hourMs);
    const among = passes.filter(({ started }) => started >= from && started < from + hourMs);
    const summaries = among.map(({ summary }) => summaryOf(summary));
    return {
      from,
      done: sum(summaries.map(({ succeeded }) => succeeded)),
      undone: sum(summaries.map(({ failed, skipped }) => failed + skipped)),
      latencyMs: median(among.flatMap(({ latencies }) => latencies)),
    };
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function median(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}
