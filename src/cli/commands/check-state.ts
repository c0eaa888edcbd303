import type { TargetConfig } from '../../config/config.ts';
import { targetUrlIdentity } from '../../plan/target-identity.ts';
import type { Discovery } from '../../scim/target.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { TargetStatus } from '../../store/target-status.ts';
import { damagedState } from '../../store/sqlite/damage.ts';
import { openStore } from '../../store/sqlite-store.ts';
import { bufferRequestCounts, type BufferedRequestCounts } from '../buffered-request-counts.ts';
import { realClock } from '../clock.ts';
import { openView, type Context } from '../context.ts';

/** What the check of one target used and found. */
export interface CheckedTarget {
  readonly config: TargetConfig;
  readonly requestCounts: BufferedRequestCounts;
  /** Undefined: the target has no readable ServiceProviderConfig. */
  readonly discovery: Discovery | undefined;
}

/** The state of earlier passes, as far as `check` reads it. Takes no lock, so it also works beside a running pass. */
export interface CheckState {
  /** Undefined: no pass has reached this target at this address. */
  find(target: TargetConfig): TargetStatus | undefined;
  requestCounts(target: TargetConfig): BufferedRequestCounts;
  /**
   * Stores the ServiceProviderConfigs that were read, and counts the requests. @returns why this was not possible
   */
  save(checked: readonly CheckedTarget[]): Promise<string | undefined>;
  close(): void;
}

/** Opens the state, if there is one. @throws OperatorError as `openView` does */
export function openCheckState({ config, shared }: Pick<Context, 'config' | 'shared'>): CheckState {
  const view = openView(config);
  view?.requireSound();
  const targets = view?.targets() ?? [];
  const isKnown = (target: TargetConfig): boolean => isSameTarget(view, target);
  return {
    find: (target) => (isKnown(target) ? targets.find(({ name }) => name === target.name) : undefined),
    requestCounts: ({ name }) => bufferRequestCounts(view?.requestCounts(name) ?? (() => [])),
    async save(checked) {
      const known = checked.filter((one) => isKnown(one.config));
      const changed = known.filter(({ discovery, requestCounts }) => discovery !== undefined || !requestCounts.isEmpty);
      if (changed.length === 0) return undefined;
      try {
        const store = openStore(config.state, process.geteuid?.(), undefined, shared);
        try {
          for (const { config: one, discovery, requestCounts } of changed) {
            const target = await store.target(one.name);
            if (discovery !== undefined) await target.saveDiscovery(discovery, realClock.now());
            await requestCounts.flush(target.requestCounts);
          }
        } finally {
          store.close();
        }
        return undefined;
      } catch (error) {
        const damage = damagedState(config.state, error);
        if (damage !== undefined) throw damage;
        return error instanceof Error ? error.message : String(error);
      }
    },
    close: () => view?.close(),
  };
}

const isSameTarget = (view: ReadOnlyStore | undefined, { name, url }: TargetConfig): boolean =>
  view?.knownTargets().some((known) => known.name === name && known.url === targetUrlIdentity(url)) === true;
