import { IANAZone } from 'luxon';
import { instant, type Instant } from '../ids.ts';

/** The milliseconds by which the clocks of a zone are ahead of UTC at a moment. @param zone IANA name */
export const zoneOffset = (at: Instant, zone: string): number => IANAZone.create(zone).offset(at) * 60_000;

/**
 * The first moment after `from`, and not after `to`, at which the clocks of the zone were set.
 *
 * @returns undefined if the offset is the same at both ends
 */
export function offsetChange(from: Instant, to: Instant, zone: string): Instant | undefined {
  const before = zoneOffset(from, zone);
  if (zoneOffset(to, zone) === before) return undefined;
  let [low, high] = [from as number, to as number];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffset(instant(middle), zone) === before) low = middle;
    else high = middle;
  }
  return instant(high);
}
