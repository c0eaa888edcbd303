import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../../src/cli/clock.ts';
import { readDirectoryProfiles } from '../../../src/config/profiles/directory-profiles.ts';
import type { DirectoryProfileInput } from '../../../src/config/schema/directory-schema.ts';
import type { Instant } from '../../../src/model/ids.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { ReadingFacts } from '../../../src/model/reading/judgement.ts';
import { accessPhase, accessTiming, boundarySpans } from '../../../src/plan/access-phase.ts';
import { ldapSource } from '../../../src/source/ldap/ldap-source.ts';
import type { LdapSettings } from '../../../src/source/ldap/settings.ts';
import type { UsedAttributes } from '../../../src/source/source.ts';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import type { PassEvent } from '../../../src/sync/events.ts';
import { readSource } from '../read-source.ts';
import { judgeOpenSource } from '../../../src/sync/reading/judge-open-source.ts';
import { requireAccepted } from '../../../src/sync/reading/require-accepted.ts';
import type { DirectoryServer } from './servers/server.ts';

const directoriesFolder = join(import.meta.dirname, '..', '..', '..', 'config', 'directories');
const day = 86_400_000;
/** Access from the start date to the end date. */
const atOnce = accessTiming(undefined, {});

export interface MirrorOptions {
  /** As `source.directory` is written; by default the server is asked. */
  readonly directory?: string | DirectoryProfileInput;
  readonly users: Omit<LdapSettings['users'], 'honourShadowExpire'> & Partial<LdapSettings['users']>;
  readonly groups?: LdapSettings['groups'];
  readonly uses: UsedAttributes;
  readonly clock?: Clock;
  readonly fullEveryMs?: number;
  /** Whether an implausible reading is accepted; by default it is. */
  readonly acceptSource?: boolean;
}

export interface MirrorReading {
  /** Whether everything was read. */
  readonly isFullRead: boolean;
  readonly isUnchanged: boolean;
  /** Why everything was read, where changes were asked for. */
  readonly reasons: readonly string[];
  readonly number: number;
}

/** A state file into which a directory is read as in a pass, within the test process and without an application. */
export interface DirectoryMirror {
  /** @throws where a row is rejected, or there are no users */
  read(changes?: Partial<MirrorOptions>): Promise<MirrorReading>;
  /** A line for each person, group and membership. */
  lines(): readonly string[];
  /**
   * The logins of users whose access ended by time alone: a planning at `until` selects them, although no reading
   * changed them since the planning at `from`.
   */
  endedSince(from: Instant, until: Instant): Promise<readonly string[]>;
  /** Manipulates the facts of the last reading. */
  facts(edit: (facts: ReadingFacts) => ReadingFacts): void;
  /** Manipulates the state file. */
  bookmark(edit: (text: string) => string | undefined): void;
  [Symbol.dispose](): void;
}

function directoryProfilesFor(
  written: string | DirectoryProfileInput,
): Pick<LdapSettings, 'directoryProfile' | 'directoryProfiles'> {
  const read = readDirectoryProfiles(written, {
    directoriesFolder,
    readFile: (path) => readFileSync(path, 'utf8'),
    listFolder: (path) => readdirSync(path),
  });
  if (read.kind === 'wrong') throw new Error(read.message);
  return { directoryProfile: read.directories.selected, directoryProfiles: read.directories.builtIn };
}

export function directoryMirror(
  { url, caFile, admin }: Pick<DirectoryServer, 'url' | 'caFile' | 'admin'>,
  options: MirrorOptions,
): DirectoryMirror {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-mirror-'));
  const file = join(folder, 'state.db');
  const store = openStore(file);
  const db = openDatabase(file);
  const signal = new AbortController().signal;
  const connection: LdapSettings['connection'] = {
    urls: [url],
    startTls: false,
    tls: { ca: readFileSync(caFile, 'utf8') },
    bind: { method: 'simple', dn: admin.dn, password: () => admin.password },
    connectTimeoutMs: 20_000,
    timeoutMs: 30_000,
  };
  return {
    async read(changes = {}) {
      const {
        directory = 'auto',
        users,
        groups,
        uses,
        clock = realClock,
        fullEveryMs = day,
        acceptSource = true,
      } = { ...options, ...changes };
      const source = ldapSource(
        {
          connection,
          ...directoryProfilesFor(directory),
          users: { honourShadowExpire: false, ...users },
          groups,
          pageSize: 100,
        },
        { clock },
      );
      const maxDangling = { kind: 'share', share: 1, floor: 1000 } as const;
      const sanity = { maxShrink: 1, maxBlank: 1, maxDangling, floor: 1000 };
      const spec = { source, groupsFromColumn: false, sanity, relink: 'ask' as const, fullEveryMs };
      const events: PassEvent[] = [];
      const before = completedIn(db);
      const open = await source.open(signal);
      try {
        const io = { clock, emit: (event: PassEvent) => events.push(event) };
        const judgements = judgeOpenSource(open, await store.mirror.last(), [], {
          now: clock.now(),
          maxAgeMs: undefined,
        });
        requireAccepted(judgements, { label: source.label, emit: io.emit, acceptImplausible: acceptSource });
        const readingOptions = { acceptImplausible: acceptSource, full: false, judgements, mappings: [] };
        const result = await readSource({ ...io, store }, spec, open, uses, readingOptions, signal);
        if (result.kind !== 'accepted' || result.rejected > 0)
          throw new Error(`the reading was not accepted: ${JSON.stringify(result)}`);
        return {
          isFullRead: completedIn(db) !== before,
          number: result.number,
          isUnchanged: events.some((event) => event.type === 'read' && event.unchanged),
          reasons: events.flatMap((event) => (event.type === 'fullReadRequired' ? [event.reason] : [])),
        };
      } finally {
        await open.close();
      }
    },
    lines: () =>
      db
        .prepare(
          `
      select resource_type || ' ' || key || iif(active, ' active ', ' inactive ')
        || coalesce('until ' || valid_to || ' ', '') || attributes
      from record where removed_in is null and resource_type <> 'Nested'
      union all select group_key || '>' || member_key from source_membership where removed_in is null order by 1`,
        )
        .pluck()
        .all() as string[],
    async endedSince(from, until) {
      const after = (await store.mirror.last())?.number ?? 0;
      const boundaries = boundarySpans(atOnce, from, until);
      const { page } = await store.planning(async (tx) => {
        const target = await tx.target('app');
        await target.selectCandidates({ kind: 'changed', after, deletions: undefined, boundaries });
        return target.candidates(0, 1000);
      });
      return page.flatMap(({ record }) =>
        record !== undefined && accessPhase(record, atOnce, until) === 'ended' ? (record.attributes['uid'] ?? []) : [],
      );
    },
    facts(edit) {
      const text = db.prepare('select facts from reading').pluck().get() as string;
      db.prepare('update reading set facts = ?').run(JSON.stringify(edit(JSON.parse(text) as ReadingFacts)));
    },
    bookmark(edit) {
      const text = db.prepare('select bookmark from reading').pluck().get() as string;
      db.prepare('update reading set bookmark = ?').run(edit(text) ?? null);
    },
    [Symbol.dispose]() {
      db.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Two readings never end at one moment: a whole one takes longer than that, or a test's clock goes on between them. */
const completedIn = (db: Db): unknown => db.prepare('select completed from reading').pluck().get();
