import type { TargetConfig } from '../../config/config.ts';
import type { Instant } from '../../model/ids.ts';
import type { SyncDeps } from '../../sync/context.ts';
import { connect } from '../wire.ts';
import type { PassWatch } from './pass-watch.ts';

/** Connects passes to targets, by their names. */
export function connectWatched(targets: readonly TargetConfig[], watch: PassWatch | undefined): SyncDeps['connect'] {
  return ({ name }, requestCounts, onPause) => {
    const target = targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`no configuration for ${name}`);
    if (watch === undefined) return connect(target, requestCounts, onPause);
    const onEitherPause = (until: Instant): void => {
      watch.pause?.(name, until);
      onPause?.(until);
    };
    return connect(target, requestCounts, onEitherPause, watch.intercept?.(name));
  };
}
