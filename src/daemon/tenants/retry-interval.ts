import { minuteMs } from '../../model/time.ts';

const firstMs = 5_000;
const maxMs = 5 * minuteMs;

/** How long a tenant that cannot start waits for its next try, in ms. @param failures since it last ran */
export const retryInterval = (failures: number): number => Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 10));
