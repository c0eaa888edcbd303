import type { DriftChecksIo } from '../../daemon/drift-checks.ts';
import { runSlice } from '../../sync/drift/run-slice.ts';
import type { Context, SharedStore } from '../context.ts';
import { plural } from '../print/format.ts';
import type { PassWatch } from '../watch/pass-watch.ts';
import { wireTargets } from '../wire.ts';
import { checkDeps } from './check-deps.ts';
import { driftText } from './drift-text.ts';

/** Differences that are logged one by one; the others are counted. */
const maxLogged = 20;

/**
 * Continues the check of a target in the daemon, and logs what it found first.
 *
 * @param onFound is called when it found a difference
 * @param intercept sees each request
 */
export function daemonCheck(
  context: Context,
  shared: SharedStore,
  { onFound, intercept }: { readonly onFound: () => void; readonly intercept: PassWatch['intercept'] },
): DriftChecksIo['check'] {
  const { config, log, stop } = context;
  const specs = new Map(wireTargets(config).map((spec) => [spec.name, spec]));
  return (target, lane) =>
    shared.use(async (store) => {
      const spec = specs.get(target);
      if (spec === undefined) throw new Error(`no configuration for ${target}`);
      const slice = await runSlice(checkDeps(context, store, intercept), spec, lane, stop);
      for (const drift of slice.found.slice(0, maxLogged))
        log.warn({ target, drift: drift.kind, key: drift.key }, driftText(drift, store.journal.nameAtTarget));
      if (slice.found.length > maxLogged)
        log.warn(
          { target },
          `${target}: ${plural(slice.found.length - maxLogged, 'more difference')}; "scimsync status" counts them`,
        );
      if (slice.found.length > 0) onFound();
      log.debug({ target, requests: slice.requests }, 'compared with what it acknowledged');
      return slice;
    });
}
