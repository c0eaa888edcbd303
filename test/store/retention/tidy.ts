import type { RetentionLimits } from '../../../src/store/store.ts';
import { at, type State } from '../state.ts';

/** Removes and packs everything that the limits allow. */
export async function tidy({ store }: Pick<State, 'store'>, limits: Partial<RetentionLimits> = {}): Promise<void> {
  while (await store.retention.tidy({ journalFrom: at(0), guardFrom: at(0), ...limits }));
}
