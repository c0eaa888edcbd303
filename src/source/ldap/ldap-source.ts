import { hash } from 'node:crypto';
import type { Clock } from '../../model/world.ts';
import type { ActiveRule } from '../active-rule.ts';
import type { OpenSource, RowBatch, Source, SourceReading, Uses } from '../source.ts';
import { readAgain } from './again.ts';
import { readBookmark, writeBookmark, type Bookmark } from './bookmark.ts';
import { changesSince, type DirectoryIo } from './changes.ts';
import type { LdapClient } from './client.ts';
import { connect } from './connect.ts';
import { SyncRefused } from './content-sync.ts';
import { oids } from './controls.ts';
import { openDirectory, waysOffered, type Directory } from './directory.ts';
import { pagedEverything, type Everything } from './everything.ts';
import { watchDirectory } from './live.ts';
import { ChangesRefused } from './object-changes.ts';
import { partsOf, type DirectoryPart } from './parts.ts';
import type { ChangeWay, LdapSettings } from './settings.ts';

export interface LdapIo {
  readonly clock: Clock;
}

/**
 * People, groups and memberships from a directory server.
 *
 * @param activeRule without it the signs of the kind of directory say who is active
 */
export function ldapSource(settings: LdapSettings, io: LdapIo, activeRule?: ActiveRule): Source {
  return {
    label: `directory ${settings.connection.urls.join(', ')}`,
    open: async (signal) => openSource(settings, await openDirectory(settings, signal), io, activeRule, signal),
    watch: (since, hear, signal) => watchDirectory(settings, io.clock, since, hear, signal),
  };
}

/** Changes when the same entry would become another record. */
const shapeVersion = 1;

function openSource(
  settings: LdapSettings,
  directory: Directory,
  { clock }: LdapIo,
  activeRule: ActiveRule | undefined,
  signal: AbortSignal,
): OpenSource {
  const { kind, dse, client } = directory;
  const { connection, pageSize, users, groups } = settings;
  const side = sideConnection(settings, signal);

  const ioFor = (uses: Uses): DirectoryIo => {
    const size = dse.supportedControls.has(oids.paged) ? pageSize : 0;
    return {
      client,
      dse,
      pageSize: size,
      timeoutMs: connection.timeoutMs,
      parts: partsOf({ settings, kind, schema: directory.schema, uses, activeRule, now: clock.now() }),
      completion: { side: side.get, pageSize: size, timeoutMs: connection.timeoutMs },
    };
  };

  return {
    columns: { users: [], groups: [], mapping: kind.mapping },
    abilities: abilitiesOf(directory, settings),
    fingerprint: undefined,
    links: { nested: groups?.nested ?? 'flatten' },
    shape(uses) {
      const sorted = (names: ReadonlySet<string> | undefined): readonly string[] | undefined =>
        names === undefined ? undefined : [...names].sort();
      const said = [
        shapeVersion,
        kind,
        users,
        groups,
        connection.urls,
        whoReads(connection),
        activeRule?.text,
        sorted(uses.users),
        sorted(uses.groups),
      ];
      return hash('sha256', JSON.stringify(said), 'hex');
    },
    async read(uses, since, readSignal) {
      const reading = ioFor(uses);
      const ways = waysOf(directory, reading.parts);
      const { found, why } = since === undefined ? {} : await changes(reading, ways, readBookmark(since), readSignal);
      if (found !== undefined) return found;
      return wholeReading(why, () => pagedEverything(reading, ways, readSignal));
    },
    async close() {
      client.close();
      await side.close();
    },
  };
}

/** Another account may see other entries, and of that no server says that anything changed. */
const whoReads = ({ bind, tls }: LdapSettings['connection']): string | undefined =>
  bind.method === 'simple' ? bind.dn : bind.method === 'external' ? tls.cert : undefined;

/** Changes since a bookmark, or why there are none to be had. */
async function changes(
  io: DirectoryIo,
  ways: readonly ChangeWay[],
  bookmark: Bookmark | undefined,
  signal: AbortSignal,
): Promise<{ readonly found?: SourceReading; readonly why?: string }> {
  if (bookmark === undefined || !ways.includes(bookmark.way))
    return { why: 'changes cannot be asked for as they were before' };
  try {
    const { batches, bookmark: next, given } = await changesSince(io, bookmark, signal);
    return {
      found: {
        extent: 'changes',
        batches: inTurn(batches),
        again: (unsaid, again) => readAgain(io, unsaid, given, again),
        bookmark: () => writeBookmark(next),
      },
    };
  } catch (error) {
    if (error instanceof SyncRefused || error instanceof ChangesRefused) return { why: error.message };
    throw error;
  }
}

function wholeReading(why: string | undefined, begin: () => Everything): SourceReading {
  let bookmark: Bookmark | undefined;
  const batches = async function* (): AsyncGenerator<RowBatch> {
    bookmark = yield* begin();
  };
  return {
    extent: 'all',
    why,
    batches: batches(),
    bookmark: () => (bookmark === undefined ? undefined : writeBookmark(bookmark)),
  };
}

async function* inTurn(batches: readonly RowBatch[]): AsyncGenerator<RowBatch> {
  yield* batches;
}

/**
 * Values that follow from other entries or from the time, or that each server keeps for itself: many servers do not say of an entry that these changed,
 * so that changes would miss it.
 */
const untold: ReadonlySet<string> = new Set([
  'memberof',
  'ismemberof',
  'ismemberofdl',
  'memberofindirect',
  'msds-memberoftransitive',
  'msds-membertransitive',
  'tokengroups',
  'tokengroupsglobalanduniversal',
  'tokengroupsnogcacceptable',
  'directreports',
  'managedobjects',
  'msds-user-account-control-computed',
  'msds-userpasswordexpirytimecomputed',
  'lastlogon',
  'lastlogoff',
  'logoncount',
  'badpwdcount',
  'badpasswordtime',
]);

function waysOf(directory: Directory, parts: readonly DirectoryPart[]): readonly ChangeWay[] {
  const names = parts.flatMap(({ attributes, filter }) => [...attributes, ...filter.attributes]);
  const mayMiss = (name: string): boolean =>
    name === '*' || directory.schema.sameAs(name).some((each) => untold.has(each));
  return names.some(mayMiss) ? [] : waysOffered(directory);
}

/** A second connection, made when it is first needed: servers allow one paged search at a time on each. */
function sideConnection(
  { connection }: LdapSettings,
  signal: AbortSignal,
): { readonly get: () => Promise<LdapClient>; readonly close: () => Promise<void> } {
  let made: Promise<LdapClient> | undefined;
  return {
    get: () => (made ??= connect(connection, signal)),
    async close() {
      const client = await made?.catch(() => undefined);
      client?.close();
    },
  };
}

const ways: Readonly<Record<ChangeWay, string>> = {
  sync: 'content synchronisation (RFC 4533)',
  syncLog: 'content synchronisation (RFC 4533)',
  dirSync: 'the DirSync control',
  usn: 'uSNChanged',
};

function abilitiesOf(directory: Directory, { users, groups }: LdapSettings): readonly string[] {
  const { kind, dse, client } = directory;
  const offered = waysOffered(directory).map((way) => ways[way]);
  const key = kind.key ?? kind.id.attribute;
  const keys = `people are known by ${users.key ?? key}${groups === undefined ? '' : `, groups by ${groups.key ?? key}`}`;
  const server = [dse.vendorName, dse.vendorVersion].filter((word) => word !== undefined).join(' ');
  return [
    `${client.url} is a directory of the kind ${kind.name}${server === '' ? '' : ` (${server})`}; ${keys}`,
    offered.length === 0
      ? 'it cannot tell what changed, so every pass reads everything'
      : `changes are asked for by ${offered.join(' or, where the account may not use that, by ')}`,
    ...(dse.supportedControls.has(oids.paged) ? [] : ['it gives everything at once instead of by pages (RFC 2696)']),
  ];
}
