import type { Activity } from '../facts/page-facts.ts';
import { absoluteTime, count } from './shown.ts';

const width = 640;
const height = 120;
const top = 14;
const bottom = 18;
const inner = height - top - bottom;

/** Operations as bars, and the median time until an answer as a line. The sentence below it states the same. */
export const ActivityPlot = ({ activity }: { readonly activity: readonly Activity[] }) => {
  const most = Math.max(1, ...activity.map(({ done, undone }) => done + undone));
  const slowest = Math.max(1, ...activity.map(({ latencyMs = 0 }) => latencyMs));
  const step = width / Math.max(1, activity.length);
  const y = (share: number): number => round(top + inner * (1 - share));
  const [first] = activity;
  return (
    <figure class="plot">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summaryOf(activity)}>
        <line class="axis" x1="0" x2={width} y1={height - bottom} y2={height - bottom} />
        {activity.map(({ done, undone }, index) => (
          <>
            {done === 0 ? null : <rect class="done" {...bar(index * step, step, y(done / most), height - bottom)} />}
            {undone === 0 ? null : (
              <rect class="undone" {...bar(index * step, step, y((done + undone) / most), y(done / most))} />
            )}
          </>
        ))}
        {lines(activity).map((points) => (
          <polyline
            class="latency"
            points={points.map(({ index, ms }) => `${round((index + 0.5) * step)},${y(ms / slowest)}`).join(' ')}
          />
        ))}
        <text x="0" y="9">{`${count(most)} operations`}</text>
        <text class="latency" x={width} y="9" text-anchor="end">{`${count(Math.round(slowest))} ms`}</text>
        {first === undefined ? null : (
          <text x="0" y={height - 4}>
            {absoluteTime(first.from).slice(0, 16)}
          </text>
        )}
        <text x={width} y={height - 4} text-anchor="end">
          now
        </text>
      </svg>
      <figcaption>{summaryOf(activity)}</figcaption>
    </figure>
  );
};

const round = (value: number): number => Math.round(value * 10) / 10;

const bar = (x: number, step: number, from: number, to: number) => ({
  ...{ x: round(x + step * 0.1), y: from, width: round(step * 0.8), height: round(Math.max(0, to - from)) },
});

/** The periods with answers, as unbroken lines; one point alone becomes a short line. */
function lines(activity: readonly Activity[]): readonly (readonly { readonly index: number; readonly ms: number }[])[] {
  const found: { index: number; ms: number }[][] = [];
  let current: { index: number; ms: number }[] | undefined;
  for (const [index, { latencyMs }] of activity.entries()) {
    if (latencyMs === undefined) current = undefined;
    else if (current === undefined) found.push((current = [{ index, ms: latencyMs }]));
    else current.push({ index, ms: latencyMs });
  }
  return found.map((line) => {
    const [only] = line;
    return line.length > 1 || only === undefined
      ? line
      : [
          { index: only.index - 0.4, ms: only.ms },
          { index: only.index + 0.4, ms: only.ms },
        ];
  });
}

function summaryOf(activity: readonly Activity[]): string {
  const done = activity.reduce((sum, one) => sum + one.done, 0);
  const undone = activity.reduce((sum, one) => sum + one.undone, 0);
  const answered = activity.flatMap(({ latencyMs }) => latencyMs ?? []).toSorted((one, other) => one - other);
  const median = answered[Math.floor(answered.length / 2)];
  const hours = activity.length;
  return (
    `The last ${hours} hours: ${count(done)} operations done (bars), ${count(undone)} failed or not sent` +
    (median === undefined
      ? '.'
      : `; an operation was answered after ${count(Math.round(median))} ms in a typical hour (line).`)
  );
}
