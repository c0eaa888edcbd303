import { hash } from 'node:crypto';
import type { Clock } from '../../model/clock.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import type { ActiveCondition } from '../row-condition.ts';
import type { OpenSource, RowBatch, Source, SourceReading, UsedAttributes } from '../source.ts';
import { dateAttributes } from '../validity.ts';
import { rereadReferrers } from './read/reread.ts';
import { readBookmark, writeBookmark, type Bookmark } from './changes/bookmark.ts';
import { countUnchanged } from './read/count-unchanged.ts';
import { countVisible } from './read/count-visible.ts';
import { readChanges, type DirectoryIo } from './read/incremental-read.ts';
import type { LdapClient } from './protocol/client.ts';
import { connect } from './protocol/connect.ts';
import { oids } from './protocol/controls.ts';
import { detectDirectoryName, openDirectory, supportedChangeMethods, type Directory } from './directory.ts';
import { readAll, type FullRead } from './read/full-read.ts';
import { watchDirectory } from './changes/watch-directory.ts';
import { ChangesUnavailable, ServerBehind } from './changes/changes-unavailable.ts';
import { signNames } from './read/inactive-conditions.ts';
import { partSearches, type PartSearch } from './read/part-searches.ts';
import { proveAbsence, provingDirectories } from './read/prove-absence.ts';
import type { ChangeMethod, LdapSettings } from './settings.ts';

/** What the LDAP source takes from outside, besides its network connections. */
export interface LdapIo {
  readonly clock: Clock;
}

/**
 * Reads users, groups and memberships from an LDAP directory.
 *
 * @param activeCondition decides whether a user is active; by default the conditions of the directory profile do
 */
export function ldapSource(settings: LdapSettings, io: LdapIo, activeCondition?: ActiveCondition): Source {
  return {
    label: `directory ${settings.connection.urls.join(', ')}`,
    open: async (signal) => openSource(settings, await openDirectory(settings, signal), activeCondition, signal),
    watch: (since, listener, signal) => watchDirectory(settings, io.clock, since, listener, signal),
  };
}

/** Increase it whenever the same entry is converted to another record than before; every entry is then parsed again. */
const signatureVersion = 4;

function openSource(
  settings: LdapSettings,
  directory: Directory,
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
      }),
      completion: { secondConnection: secondConnection.get, pageSize: size, timeoutMs: connection.timeoutMs },
    };
  };

  return {
    columns: { users: [], groups: [], mapping: directoryProfile.mapping },
    capabilities: describeCapabilities(directory, settings),
    fingerprint: undefined,
    server: client.url,
    position: directory.position,
    signs: {
      names: [
        ...signNames({ directoryProfile, honourShadowExpire: users.honourShadowExpire, activeCondition }),
        ...dateAttributes(users.validity),
      ],
      mayBeHidden: true,
    },
    detectedDirectory: directory.isDetected ? directoryProfile.name : undefined,
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
        // The mirror of an earlier version lacks the zones of users.
        ...(users.validity?.zone === undefined ? [] : ['with zones']),
      ];
      return hash('sha256', JSON.stringify(inputs), 'hex');
    },
    async read(usedAttributes, since, readSignal) {
      const io = ioFor(usedAttributes);
      const methods = usableChangeMethods(directory, io.parts);
      const {
        reading,
        fullReadReason,
        judgements = [],
      } = since === undefined ? {} : await readIncrementally(io, methods, readBookmark(since), readSignal);
      const proofs: Pick<SourceReading, 'proveAbsence' | 'countUnchanged'> = {
        ...(provingDirectories.has(detectDirectoryName(dse))
          ? { proveAbsence: (question, proofSignal) => proveAbsence(io, question, proofSignal) }
          : {}),
        // Computed values change without a change of the entry.
        ...(usesComputedValues(directory, io.parts)
          ? {}
          : { countUnchanged: (handles, last, countSignal) => countUnchanged(io, handles, last, countSignal) }),
      };
      if (reading !== undefined) return { ...reading, ...proofs };
      return { ...fullReading(fullReadReason, () => readAll(io, methods, readSignal)), judgements, ...proofs };
    },
    async close() {
      client.close();
      await secondConnection.close();
    },
  };
}

/** Part of the signature: another account may see other entries, and servers do not report that as a change. */
const accountOf = ({ bind, tls }: LdapSettings['connection']): string | undefined =>
  bind.method === 'simple' ? bind.dn : bind.method === 'external' ? tls.cert : undefined;

/** The changes since a bookmark, or the reason for a full read. */
async function readIncrementally(
  io: DirectoryIo,
  methods: readonly ChangeMethod[],
  bookmark: Bookmark | undefined,
  signal: AbortSignal,
): Promise<{
  readonly reading?: SourceReading;
  readonly fullReadReason?: string;
  readonly judgements?: readonly Judgement[];
}> {
  if (bookmark === undefined || !methods.includes(bookmark.method))
    return { fullReadReason: 'the method of the last incremental read is no longer usable' };
  try {
    const { batches, bookmark: next, alreadyRead } = await readChanges(io, bookmark, signal);
    return {
      reading: {
        extent: 'incremental',
        batches: asyncBatches(batches),
        reread: (staleReferences, rereadSignal) => rereadReferrers(io, staleReferences, alreadyRead, rereadSignal),
        countVisible: (countSignal) => countVisible(io, countSignal),
        bookmark: () => writeBookmark(next),
      },
    };
  } catch (error) {
    if (error instanceof ServerBehind)
      return { fullReadReason: error.message, judgements: [behindBookmark(io.client.url)] };
    if (error instanceof ChangesUnavailable) return { fullReadReason: error.message };
    throw error;
  }
}

/** The server states by itself that it is behind. */
const behindBookmark = (server: string): Judgement => ({
  code: 'source.wentBack',
  subject: 'bookmark',
  numbers: {},
  reason:
    `${server} went back in time: the cookie of an earlier reading is newer than the server. ` +
    'It was restored from a backup, or it is a replica that lags behind. ' +
    'Wait until it has caught up, or read the server that is up to date',
  refused: true,
});

function fullReading(fullReadReason: string | undefined, start: () => FullRead): SourceReading {
  let bookmark: Bookmark | undefined;
  const batches = async function* (): AsyncGenerator<RowBatch> {
    bookmark = yield* start();
  };
  return {
    extent: 'full',
    fullReadReason,
    batches: batches(),
    bookmark: () => (bookmark === undefined ? undefined : writeBookmark(bookmark)),
  };
}

async function* asyncBatches(batches: readonly RowBatch[]): AsyncGenerator<RowBatch> {
  yield* batches;
}

/**
 * Values that the server computes from other entries or from the time, or does not replicate. Many servers do not
 * report an entry as changed when such a value changes, so an incremental read would miss it.
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

function usesComputedValues({ schema }: Directory, parts: readonly PartSearch[]): boolean {
  const names = parts.flatMap(({ attributes, filter }) => [...attributes, ...filter.attributes]);
  const mayMiss = (name: string): boolean =>
    name === '*' || schema.allNamesOf(name).some((each) => unreportedAttributes.has(each));
  return names.some(mayMiss);
}

const usableChangeMethods = (directory: Directory, parts: readonly PartSearch[]): readonly ChangeMethod[] =>
  usesComputedValues(directory, parts) ? [] : supportedChangeMethods(directory);

/** A second connection, opened on first use: servers allow one paged search at a time per connection. */
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
  sync: 'content synchronization (RFC 4533)',
  syncLog: 'content synchronization (RFC 4533)',
  dirSync: 'the DirSync control',
  usn: 'uSNChanged',
};

function describeCapabilities(directory: Directory, { users, groups }: LdapSettings): readonly string[] {
  const { directoryProfile, dse, client } = directory;
  const offered = supportedChangeMethods(directory).map((method) => methodNames[method]);
  const key = directoryProfile.key ?? directoryProfile.id.attribute;
  const keys = `key of users: ${users.key ?? key}${groups === undefined ? '' : `, of groups: ${groups.key ?? key}`}`;
  const server = [dse.vendorName, dse.vendorVersion].filter((word) => word !== undefined).join(' ');
  return [
    `${client.url}: directory profile ${directoryProfile.name}${server === '' ? '' : ` (${server})`}; ${keys}`,
    offered.length === 0
      ? 'incremental reads are not available; every pass does a full read'
      : `incremental reads use ${offered.join(' or, if the account may not use that, ')}`,
    ...(dse.supportedControls.has(oids.paged)
      ? []
      : ['the server does not support paged results (RFC 2696); every search returns all entries at once']),
  ];
}
