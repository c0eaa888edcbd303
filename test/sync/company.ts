import { createHash } from 'node:crypto';
import { compileTargetMapping } from '../../src/desired/target-mapping.ts';
import { instant, sourceKey, type Instant } from '../../src/model/ids.ts';
import type { Json, LeaverPolicy } from '../../src/model/resource.ts';
import type { Tables } from '../../src/model/target/tables.ts';
import { managerPath } from '../../src/model/path.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { OpenSource, ParsedRow, SourcePart, RowBatch, Source } from '../../src/source/source.ts';
import type { SourceSpec, TargetSpec } from '../../src/sync/context.ts';
import { limitsOf } from '../world/limits.ts';
import { profileWith } from '../world/profile.ts';

export interface Person {
  readonly userName: string;
  readonly department: string;
  readonly manager: string | undefined;
  readonly active: boolean;
  /** A value that several users may share. */
  readonly login?: string;
  /** The period of access. */
  readonly validFrom?: Instant | undefined;
  readonly validTo?: Instant | undefined;
}

/** The content of the source: users by key, groups by key with the keys of their members. */
export interface Company {
  readonly people: ReadonlyMap<string, Person>;
  readonly groups: ReadonlyMap<string, { readonly name: string; readonly members: ReadonlySet<string> }>;
}

export const profile = profileWith(
  { protocol: { ifMatch: 'never' }, limits: { requestsPerSecond: 1000, concurrency: 1, membersPerRequest: 3 } },
  'test',
);

export const columns = { users: ['userName', 'department', 'manager', 'login'], groups: ['name'] };

/** The company as a source: rows with digests, as a CSV source returns them. */
export function companySource(company: () => Company): SourceSpec {
  const source: Source = {
    label: 'a company in memory',
    async open(): Promise<OpenSource> {
      const { people, groups } = company();
      const users: ParsedRow[] = [...people].map(
        ([key, { userName, department, manager, active, login, validFrom, validTo }]) => ({
          kind: 'record',
          groups: undefined,
          record: {
            resourceType: 'User',
            key: sourceKey(key),
            active,
            ...(validFrom === undefined ? {} : { validFrom }),
            ...(validTo === undefined ? {} : { validTo }),
            attributes: {
              userName: [userName],
              ...(login === undefined ? {} : { login: [login] }),
              ...(department === '' ? {} : { department: [department] }),
              ...(manager === undefined ? {} : { manager: [manager] }),
            },
          },
        }),
      );
      const teams: ParsedRow[] = [...groups].map(([key, { name }]) => ({
        kind: 'record',
        groups: undefined,
        record: { resourceType: 'Group', key: sourceKey(key), active: true, attributes: { name: [name] } },
      }));
      const memberships: ParsedRow[] = [...groups].flatMap(([key, { members }]) =>
        [...members].map((member): ParsedRow => ({
          kind: 'membership',
          membership: { group: sourceKey(key), member: sourceKey(member) },
        })),
      );
      const batches = async function* (): AsyncGenerator<RowBatch> {
        yield batch('users', users);
        yield batch('groups', teams);
        yield batch('memberships', memberships);
      };
      return {
        columns,
        fingerprint: digest([users, teams, memberships]).toString('hex'),
        signature: () => 'one signature',
        capabilities: [],
        referenceOptions: undefined,
        read: async () => ({ extent: 'full', batches: batches(), bookmark: () => undefined }),
        close: async () => undefined,
      };
    },
  };
  return {
    source,
    groupsFromColumn: false,
    sanity: { maxShrink: 1, maxBlank: 1, maxDangling: { kind: 'share', share: 1, floor: 1000 }, floor: 1000 },
    relink: 'auto',
    fullEveryMs: 86_400_000,
  };
}

function batch(part: SourcePart, parsed: readonly ParsedRow[]): RowBatch {
  return {
    part,
    rows: parsed.map((row, line) => ({ line: line + 2, digest: digest(row) })),
    parse: (indices) => indices.map((index) => parsed[index]).filter((row) => row !== undefined),
  };
}

const digest = (value: unknown): Buffer => createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 16);

export function targetSpec(
  leavers: Partial<LeaverPolicy>,
  scope: { users?: string; groups?: string; onlyMembers?: boolean } = {},
  userMapping: Readonly<Record<string, Json>> = {},
  tables?: Tables,
): TargetSpec {
  return {
    name: 'app',
    profile,
    leavers: { action: 'deactivate', deleteAfterDays: undefined, outOfScope: undefined, groups: 'delete', ...leavers },
    guard: limitsOf(),
    url: 'https://app.example.com/scim/v2',
    adopt: true,
    verification: { removals: 50, removalsShare: 0.05, firstWrites: 3, writesShare: 0.01, secondLookMs: 600_000 },
    adoptConflicts: false,
    compileMapping: (known) =>
      compileTargetMapping(
        {
          scope,
          mapping: {
            user: {
              userName: 'user.userName',
              [managerPath]: 'user.manager',
              title: 'user.department',
              ...userMapping,
            },
            group: { displayName: 'group.name' },
          },
          supports: profile.supports,
          tables,
        },
        known,
      ),
  };
}

/** A clock that changes only by `move` and `sleep`. */
export function manualClock(): Clock & { move(milliseconds: number): void } {
  let now = Date.UTC(2026, 0, 5);
  return {
    now: () => instant(now),
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    move(milliseconds) {
      now += milliseconds;
    },
  };
}
