import { IncompleteReading, InvariantError } from '../../model/errors.ts';
import type { ActiveCondition } from '../row-condition.ts';
import type { OpenSource, Source, SourcePart } from '../source.ts';
import { placesOf, tablesOf } from '../table/settings.ts';
import { openSpool, type Spool } from '../table/spool.ts';
import { openTables } from '../table/table-source.ts';
import type { ByteClient } from '../../model/http/byte-client.ts';
import { fetchPages } from './fetch-pages.ts';
import { createKnownPages, type PartPages } from './known-pages.ts';
import type { HttpSettings } from './settings.ts';
import type { PageValidator } from './validators.ts';

/**
 * Reads users, groups and memberships from an HTTP server.
 *
 * @param connect creates a client with the credentials of the server
 * @param activeCondition as for files
 */
export function httpSource(
  settings: HttpSettings,
  connect: () => ByteClient,
  activeCondition?: ActiveCondition,
): Source {
  const places = placesOf(settings);
  const hosts = new Set(places.map(([, { url }]) => new URL(url).host));
  const knownPages = createKnownPages(settings, activeCondition);

  async function read(known: PartPages | undefined, signal: AbortSignal): Promise<OpenSource | 'unchanged'> {
    const spools = new Map<SourcePart, Spool>();
    const close = async (): Promise<void> => {
      for (const spool of spools.values()) await spool.close();
      spools.clear();
    };
    const client = connect();
    const fetchPart = async (
      [part, place]: (typeof places)[number],
      pages: readonly PageValidator[] | undefined,
    ): ReturnType<typeof fetchPages> => {
      const spool = spools.get(part) ?? (await openSpool(settings.temporaryFolder));
      spools.set(part, spool);
      return inTime(settings.timeLimitMs, signal, (stop) => fetchPages(place, client, spool, settings, stop, pages));
    };
    try {
      const validators = new Map<SourcePart, readonly PageValidator[] | undefined>();
      const unchanged: (typeof places)[number][] = [];
      for (const [index, one] of places.entries()) {
        // Once a part has changed, all parts are read.
        const result = await fetchPart(one, unchanged.length === index ? known?.get(one[0]) : undefined);
        if (result === 'unchanged') unchanged.push(one);
        else validators.set(one[0], result);
      }
      if (unchanged.length === places.length) {
        await close();
        return 'unchanged';
      }
      for (const one of unchanged) {
        const result = await fetchPart(one, undefined);
        if (result !== 'unchanged') validators.set(one[0], result);
      }
      const tables = tablesOf(settings, (part, { url }) =>
        requireSpool(spools, part).content(`the answer of ${new URL(url).host} (${part})`),
      );
      const open = await openTables(settings, tables, activeCondition, signal);
      return { ...open, validator: knownPages.toText(validators), close: () => open.close().then(close) };
    } catch (error) {
      await close();
      throw error;
    } finally {
      client.close();
    }
  }

  return {
    label: `HTTP ${hosts.size === 1 ? 'server' : 'servers'} ${[...hosts].join(', ')}`,
    async open(signal) {
      const opened = await read(undefined, signal);
      if (opened === 'unchanged') throw new InvariantError('no page is unchanged without an earlier reading');
      return opened;
    },
    openIfChanged: (validator, signal) => read(knownPages.fromText(validator), signal),
  };
}

function requireSpool(spools: ReadonlyMap<SourcePart, Spool>, part: SourcePart): Spool {
  const spool = spools.get(part);
  if (spool === undefined) throw new InvariantError(`the ${part} were not read`);
  return spool;
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
