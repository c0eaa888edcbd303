import { getHeapStatistics } from 'node:v8';
import type { TargetConfig } from '../../config/config.ts';
import type { Discovery } from '../../scim/target.ts';
import type { Store } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { openReader } from '../wire.ts';
import { copyTarget, type CopiedTarget } from './copy-target.ts';
import { startDouble, withoutPace, type Double, type DoubleOptions } from './double.ts';

/** A double with the accounts of its target. */
export interface FilledDouble extends Double {
  readonly target: TargetConfig;
  readonly copied: CopiedTarget;
}

/** The share of the heap that copies may fill: the pass, and the garbage collection, need the rest. */
const maxHeapShare = 0.7;

function hasRoom(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used < limit * maxHeapShare;
}

/**
 * Starts a double of a target, and fills it from the target, which receives GET requests only. It must be closed.
 *
 * @param store a copy of the state
 * @param isPaced whether the double has the rate limits of the profile
 * @throws OperatorError if the target cannot be read completely; the reason of `stop`
 */
export async function openDouble(
  { log, stop }: Pick<Context, 'log' | 'stop'>,
  store: Store,
  target: TargetConfig,
  { isPaced, ...options }: DoubleOptions & { readonly isPaced: boolean },
): Promise<FilledDouble> {
  const [known, serving] = await Promise.all([store.target(target.name), store.serving(target.name)]);
  log.info({ target: target.name }, 'reading all users and groups of the target, for a copy');
  const reader = openReader(target, known.requestCounts);
  try {
    const discovery = (await reader.discover(stop)) ?? ((await known.state()).discovery as Discovery | undefined);
    const double = await startDouble(isPaced ? target : withoutPace(target), discovery, options);
    try {
      const deps = { reader, known: { target: known, serving }, double: double.sandbox, hasRoom };
      return { ...double, target, copied: await copyTarget(deps, target, stop) };
    } catch (error) {
      await double.sandbox.close();
      throw error;
    }
  } finally {
    reader.close();
  }
}
