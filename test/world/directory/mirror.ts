import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../../src/cli/world.ts';
import { readDirectories } from '../../../src/config/directories.ts';
import { ldapSource } from '../../../src/source/ldap/ldap-source.ts';
import type { LdapSettings } from '../../../src/source/ldap/settings.ts';
import type { Source, Uses } from '../../../src/source/source.ts';
import { openReadOnly } from '../../../src/store/database.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { PassEvent } from '../../../src/sync/events.ts';
import { takeReading } from '../../../src/sync/reading.ts';
import type { Account, DirectoryServer } from './server.ts';

/** A state into which a directory is read without planning anything, and a look at what it holds. */
export interface DirectoryMirror {
  /** Takes one reading. @returns why everything was read although changes were asked for; empty where changes were enough, or nothing was known yet */
  read(): Promise<readonly string[]>;
  contents(): MirrorContents;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface MirrorContents {
  /** `User KEY active {…}`, sorted. */
  readonly records: readonly string[];
  /** `GROUP > MEMBER`, sorted. */
  readonly edges: readonly string[];
}

export interface MirrorOptions {
  readonly directory?: string;
  readonly account?: Account;
  readonly users: LdapSettings['users'];
  readonly groups?: LdapSettings['groups'];
  readonly uses: Uses;
}

export const directoriesFolder = join(import.meta.dirname, '..', '..', '..', 'config', 'directories');

export function settingsFor(server: DirectoryServer, { directory = 'auto', account = server.admin, users, groups }: Omit<MirrorOptions, 'uses'>): LdapSettings {
  const read = readDirectories(directory, { readFile: (path) => readFileSync(path, 'utf8'), listFolder: (path) => readdirSync(path), directoriesFolder });
  if (read.kind === 'wrong') throw new Error(read.message);
  return {
    connection: {
      urls: [server.url], startTls: false, tls: { ca: readFileSync(server.caFile, 'utf8') },
      bind: { method: 'simple', dn: account.dn, password: () => account.password }, connectTimeoutMs: 10_000, timeoutMs: 30_000,
    },
    kind: read.directories.chosen, kinds: read.directories.builtIn, users, groups, pageSize: 1000,
  };
}

const signal = new AbortController().signal;
const day = 86_400_000;

export function directoryMirror(server: DirectoryServer, options: MirrorOptions): DirectoryMirror {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-mirror-'));
  const file = join(folder, 'state.db');
  const store = openStore(file);
  const source: Source = ldapSource(settingsFor(server, options), { clock: realClock });
  const spec = { source, groupsFromColumn: false, sanity: { maxShrink: 1, maxBlank: 1, floor: 1_000 }, fullEveryMs: day };
  return {
    async read() {
      const events: PassEvent[] = [];
      const io = { store, clock: realClock, emit: (event: PassEvent) => events.push(event) };
      const open = await source.open(signal);
      try {
        await store.transaction(() => takeReading(io, spec, open, options.uses, { acceptAnything: true, everything: false }, signal));
      } finally {
        await open.close();
      }
      return events.flatMap((event) => (event.type === 'everything' ? [event.reason] : []));
    },
    contents: () => contentsOf(file),
    async [Symbol.asyncDispose]() {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function contentsOf(file: string): MirrorContents {
  const db = openReadOnly(file);
  if (db === undefined) throw new Error(`${file} holds nothing`);
  try {
    const lines = (sql: string): readonly string[] => (db.prepare(sql).pluck().all() as string[]).sort();
    return {
      records: lines(`select kind || ' ' || key || iif(active, ' active ', ' inactive ') || attributes from record where gone is null and kind <> 'Nested'`),
      edges: lines(`select group_key || ' > ' || member_key from edge where gone is null`),
    };
  } finally {
    db.close();
  }
}
