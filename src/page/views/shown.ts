import { formatDuration, formatTime } from '../../model/time.ts';
import type { Instant } from '../../model/ids.ts';
import { visibleLine } from '../../model/text/visible.ts';

/** A line from a source or a target as a person may read it; JSX escapes what HTML would interpret. */
export const shown = (text: string): string => visibleLine(text, false);

/** "4 min ago", "3 days ago", "in 5 s". */
export function relativeTime(at: Instant, now: Instant): string {
  const distance = Math.abs(now - at);
  const days = Math.floor(distance / (24 * 60 * 60 * 1000));
  const text = days >= 2 ? `${days} days` : formatDuration(roundedDown(distance));
  if (distance < 1000) return 'now';
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** To seconds below two minutes, to minutes below two hours, to hours above: "6 min", not "6 min 20 s". */
function roundedDown(milliseconds: number): number {
  const unit = milliseconds < 120_000 ? 1_000 : milliseconds < 7_200_000 ? 60_000 : 3_600_000;
  return Math.floor(milliseconds / unit) * unit;
}

/** "2026-11-29 18:49:01 UTC". */
export const absoluteTime = (at: Instant): string => `${formatTime(at).slice(0, 19).replace('T', ' ')} UTC`;

/** "1,234". */
export const count = (number: number): string => String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
