import type { SourceKey } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { KnownState } from '../../model/resource.ts';
import type { Target } from '../../scim/target.ts';
import type { ComparedTarget } from '../../store/store.ts';
import type { PreparedTarget } from '../reading/stage-sources.ts';
import type { KnownAccounts } from './undo-input.ts';

/** A list is worth its requests if it spares at least this many GETs for each page. */
const sparedByPage = 2;

/**
 * The users among `wanted` whose accounts a list shows as the target acknowledged them: they need no GET. A list proves
 * no difference: it may be late, and lack attributes.
 *
 * @param isAcknowledged whether a resource shows all that the target acknowledged
 */
export async function confirmByList(
  {
    store,
    target,
  }: {
    readonly store: KnownAccounts & Pick<ComparedTarget, 'owner' | 'totals'>;
    readonly target: Pick<Target, 'list'>;
  },
  { spec, mapping }: PreparedTarget,
  wanted: ReadonlySet<SourceKey>,
  isAcknowledged: (known: KnownState, resource: RemoteResource) => boolean,
  stop: AbortSignal,
): Promise<ReadonlySet<SourceKey>> {
  const confirmed = new Set<SourceKey>();
  const pages = Math.ceil((await store.totals()).users / spec.profile.limits.pageSize);
  if (wanted.size <= pages * sparedByPage) return confirmed;
  for await (const page of target.list('User', mapping.paths('User'), stop))
    for (const resource of page) {
      const key = store.owner('User', resource.remoteId);
      const known = key !== undefined && wanted.has(key) ? store.known('User', key) : undefined;
      if (known !== undefined && isAcknowledged(known, resource)) confirmed.add(known.key);
    }
  return confirmed;
}
