import type { Instant } from '../../model/ids.ts';
import type { RequestCounts } from '../../model/target/request-counts.ts';
import type { Store } from '../../store/store.ts';
import type { CheckDeps } from '../../sync/drift/open-check.ts';
import { realClock } from '../clock.ts';
import type { Context } from '../context.ts';
import type { PassWatch } from '../watch/pass-watch.ts';
import { connect } from '../wire.ts';

/** What a check of the targets needs. @param intercept sees each request */
export function checkDeps({ config }: Context, store: Store, intercept?: PassWatch['intercept']): CheckDeps {
  return {
    store,
    clock: realClock,
    connect({ name }, requestCounts: RequestCounts, onPause?: (until: Instant) => void) {
      const target = config.targets.find((one) => one.name === name);
      if (target === undefined) throw new Error(`no configuration for ${name}`);
      return connect(target, requestCounts, onPause, intercept?.(name));
    },
  };
}
