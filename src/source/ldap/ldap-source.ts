import { hash } from 'node:crypto';
import type { Clock } from '../../model/clock.ts';
import type { ActiveCondition } from '../active-condition.ts';
import type { OpenSource, RowBatch, Source, SourceReading, UsedAttributes } from '../source.ts';
import { rereadReferrers } from './read/reread.ts';
import { readBookmark, writeBookmark, type Bookmark } from './changes/bookmark.ts';
import { readChanges, type DirectoryIo } from './read/incremental-read.ts';
import type { LdapClient } from './protocol/client.ts';
import { connect } from './protocol/connect.ts';
import { SyncUnavailable } from './changes/syncrepl.ts';
import { oids } from './protocol/controls.ts';
import { openDirectory, supportedChangeMethods, type Directory } from './directory.ts';
import { readAll, type FullRead } from './read/full-read.ts';
import { watchDirectory } from './changes/watch-directory.ts';
import { ChangesUnavailable } from './changes/ad-changes.ts';
import { partSearches, type PartSearch } from './read/part-searches.ts';
import type { ChangeMethod, LdapSettings } from './settings.ts';

export interface LdapIo {
  readonly clock: Clock;
}

/**
 * People, groups and memberships from a directory server.
 *
 * @param activeCondition without it the conditions of the kind of directory say who is active
 */
export function ldapSource(settings: LdapSettings, io: LdapIo, activeCondition?: ActiveCondition): Source {
  return {
    label: `directory ${settings.connection.urls.join(', ')}`,
    open: async (signal) => openSource(settings, await openDirectory(settings, signal), io, activeCondition, signal),
    watch: (since, listener, signal) => watchDirectory(settings, io.clock, since, listener, signal),
  };
}

/** Changes when the same entry would become another record. */
const signatureVersion = 1;

function openSource(
  settings: LdapSettings,
  directory: Directory,
  { clock }: LdapIo,
  activeCondition: ActiveCondition | undefined,
  signal: AbortSignal,
): OpenSource {
  const { directoryProfile, dse, client } = directory;
  const { connection, pageSize, users, groups } = settings;
  const secondConnection = lazyConnection(settings, signal);

  const ioFor = (usedAttributes: UsedAttributes): DirectoryIo => {
    const size = dse.supportedControls.has(oids.paged) ? pageSize : 0;
    return {
      client,
      dse,
      pageSize: size,
      timeoutMs: connection.timeoutMs,
      parts: partSearches({
        settings,
        directoryProfile,
        schema: directory.schema,
        usedAttributes,
        activeCondition,
        now: clock.now(),
      }),
      completion: { secondConnection: secondConnection.get, pageSize: size, timeoutMs: connection.timeoutMs },
    };
  };

  return {
    columns: { users: [], groups: [], mapping: directoryProfile.mapping },
    capabilities: describeCapabilities(directory, settings),
    fingerprint: undefined,
    referenceOptions: { nested: groups?.nested ?? 'flatten' },
    signature(usedAttributes) {
      const sorted = (names: ReadonlySet<string> | undefined): readonly string[] | undefined =>
        names === undefined ? undefined : [...names].sort();
      const inputs = [
        signatureVersion,
        directoryProfile,
        users,
        groups,
        connection.urls,
        accountOf(connection),
        activeCondition?.text,
        sorted(usedAttributes.users),
        sorted(usedAttributes.groups),
      ];
      return hash('sha256', JSON.stringify(inputs), 'hex');
    },
    async read(usedAttributes, since, readSignal) {
      const io = ioFor(usedAttributes);
      const methods = usableChangeMethods(directory, io.parts);
      const { reading, fullReadReason } =
        since === undefined ? {} : await readIncrementally(io, methods, readBookmark(since), readSignal);
      if (reading !== undefined) return reading;
      return fullReading(fullReadReason, () => readAll(io, methods, readSignal));
    },
    async close() {
      client.close();
      await secondConnection.close();
    },
  };
}

/** Another account may see other entries, and of that no server says that anything changed. */
const accountOf = ({ bind, tls }: LdapSettings['connection']): string | undefined =>
  bind.method === 'simple' ? bind.dn : bind.method === 'external' ? tls.cert : undefined;

/** Changes since a bookmark, or why there are none to be had. */
async function readIncrementally(
  io: DirectoryIo,
  methods: readonly ChangeMethod[],
  bookmark: Bookmark | undefined,
  signal: AbortSignal,
): Promise<{ readonly reading?: SourceReading; readonly fullReadReason?: string }> {
  if (bookmark === undefined || !methods.includes(bookmark.method))
    return { fullReadReason: 'changes cannot be asked for as they were before' };
  try {
    const { batches, bookmark: next, alreadyRead } = await readChanges(io, bookmark, signal);
    return {
      reading: {
        extent: 'changes',
        batches: asyncBatches(batches),
        reread: (staleReferences, rereadSignal) => rereadReferrers(io, staleReferences, alreadyRead, rereadSignal),
        bookmark: () => writeBookmark(next),
      },
    };
  } catch (error) {
    if (error instanceof SyncUnavailable || error instanceof ChangesUnavailable)
      return { fullReadReason: error.message };
    throw error;
  }
}

function fullReading(fullReadReason: string | undefined, start: () => FullRead): SourceReading {
  let bookmark: Bookmark | undefined;
  const batches = async function* (): AsyncGenerator<RowBatch> {
    bookmark = yield* start();
  };
  return {
    extent: 'all',
    fullReadReason,
    batches: batches(),
    bookmark: () => (bookmark === undefined ? undefined : writeBookmark(bookmark)),
  };
}

async function* asyncBatches(batches: readonly RowBatch[]): AsyncGenerator<RowBatch> {
  yield* batches;
}

/**
 * Values that follow from other entries or from the time, or that each server keeps for itself: many servers do not say of an entry that these changed,
 * so that changes would miss it.
 */
const unreportedAttributes: ReadonlySet<string> = new Set([
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

function usableChangeMethods(directory: Directory, parts: readonly PartSearch[]): readonly ChangeMethod[] {
  const names = parts.flatMap(({ attributes, filter }) => [...attributes, ...filter.attributes]);
  const mayMiss = (name: string): boolean =>
    name === '*' || directory.schema.allNamesOf(name).some((each) => unreportedAttributes.has(each));
  return names.some(mayMiss) ? [] : supportedChangeMethods(directory);
}

/** A second connection, made when it is first needed: servers allow one paged search at a time on each. */
function lazyConnection(
  { connection }: LdapSettings,
  signal: AbortSignal,
): { readonly get: () => Promise<LdapClient>; readonly close: () => Promise<void> } {
  let pending: Promise<LdapClient> | undefined;
  return {
    get: () => (pending ??= connect(connection, signal)),
    async close() {
      const client = await pending?.catch(() => undefined);
      client?.close();
    },
  };
}

const methodNames: Readonly<Record<ChangeMethod, string>> = {
  sync: 'content synchronisation (RFC 4533)',
  syncLog: 'content synchronisation (RFC 4533)',
  dirSync: 'the DirSync control',
  usn: 'uSNChanged',
};

function describeCapabilities(directory: Directory, { users, groups }: LdapSettings): readonly string[] {
  const { directoryProfile, dse, client } = directory;
  const offered = supportedChangeMethods(directory).map((method) => methodNames[method]);
  const key = directoryProfile.key ?? directoryProfile.id.attribute;
  const keys = `people are known by ${users.key ?? key}${groups === undefined ? '' : `, groups by ${groups.key ?? key}`}`;
  const server = [dse.vendorName, dse.vendorVersion].filter((word) => word !== undefined).join(' ');
  return [
    `${client.url} is a directory of the kind ${directoryProfile.name}${server === '' ? '' : ` (${server})`}; ${keys}`,
    offered.length === 0
      ? 'it cannot tell what changed, so every pass reads everything'
      : `changes are asked for by ${offered.join(' or, where the account may not use that, by ')}`,
    ...(dse.supportedControls.has(oids.paged) ? [] : ['it gives everything at once instead of by pages (RFC 2696)']),
  ];
}
