import { IncompleteReading } from '../../model/errors.ts';
import type { ActiveCondition } from '../row-condition.ts';
import type { Source, SourcePart } from '../source.ts';
import type { Content } from '../table/content.ts';
import { placesOf, tablesOf, type TableSettings } from '../table/settings.ts';
import { openSpool, type Spool } from '../table/spool.ts';
import { openTables } from '../table/table-source.ts';
import type { HttpClient } from './client.ts';
import { fetchPages, type FetchLimits, type HttpPlace } from './fetch-pages.ts';

/** Settings of a source whose rows are the answers of an HTTP server. */
export interface HttpSettings extends TableSettings<HttpPlace>, FetchLimits {
  /** For all requests of one part together, in ms. */
  readonly timeLimitMs: number;
  /** The folder of temporary files, absolute. */
  readonly temporaryFolder: string;
}

/**
 * Reads users, groups and memberships from an HTTP server.
 *
 * @param connect creates a client with the credentials of the server
 * @param activeCondition as for files
 */
export function httpSource(
  settings: HttpSettings,
  connect: () => HttpClient,
  activeCondition?: ActiveCondition,
): Source {
  const hosts = new Set(placesOf(settings).map(([, { url }]) => new URL(url).host));
  return {
    label: `HTTP ${hosts.size === 1 ? 'server' : 'servers'} ${[...hosts].join(', ')}`,
    async open(signal) {
      const spools = new Map<SourcePart, Spool>();
      const close = async (): Promise<void> => {
        for (const spool of spools.values()) await spool.close();
        spools.clear();
      };
      const client = connect();
      try {
        const contents = new Map<SourcePart, Content>();
        for (const [part, place] of placesOf(settings)) {
          const spool = await openSpool(settings.temporaryFolder);
          spools.set(part, spool);
          await inTime(settings.timeLimitMs, signal, (stop) => fetchPages(place, client, spool, settings, stop));
          contents.set(part, spool.content(`the answer of ${new URL(place.url).host} (${part})`));
        }
        const tables = tablesOf(settings, (part) => contents.get(part) as Content);
        const open = await openTables(settings, tables, activeCondition, signal);
        return { ...open, close: () => open.close().then(close) };
      } catch (error) {
        await close();
        throw error;
      } finally {
        client.close();
      }
    },
  };
}

/** @throws IncompleteReading where the time is over */
async function inTime<T>(limitMs: number, signal: AbortSignal, action: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await action(AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    throw new IncompleteReading(
      'http.timeLimit',
      `the server did not send everything within ${limitMs / 1000} s (source.timeLimitSeconds). ` +
        'Nothing was planned or changed.',
      1,
      { cause: error },
    );
  }
}
