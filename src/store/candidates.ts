import type { Statement } from 'better-sqlite3';
import { sourceKey, type SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Db } from './database.ts';
import { toKnown, toRecord, type AccountRow } from './rows.ts';
import type { Candidate, EdgeCandidate, Extent } from './store.ts';

const tables = `
  create temp table if not exists candidate (id integer primary key, kind text not null, key text not null, unique (kind, key));
  create temp table if not exists edge_candidate (id integer primary key, group_key text not null, member_key text not null, unique (group_key, member_key));
  create temp table if not exists edge_order (id integer primary key, group_key text not null, member_key text not null);`;

interface CandidateRow {
  readonly id: number;
  readonly kind: Kind;
  readonly key: string;
  readonly record_active: number | null;
  readonly attributes: string | null;
  readonly gone: number | null;
  readonly uncertain: number | null;
  readonly due: number;
  readonly remote_id: string | null;
  readonly body: string | null;
  readonly active: number | null;
  readonly inactive_since: number | null;
  readonly version: string | null;
  readonly origin: 'created' | 'adopted' | null;
  readonly doubtful: string | null;
}

/** Which records and memberships a planning for this target has to look at: the cost of a pass follows these, not the directory. */
export function openCandidates(db: Db, target: number) {
  db.exec(tables);
  const statements = new Map<string, Statement>();
  const run = (sql: string, parameters: Record<string, unknown>): void => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)));
    statement.run({ target, ...parameters });
  };
  const choose = (sql: string, parameters: Record<string, unknown> = {}): void => {
    run(`insert or ignore into candidate (kind, key) ${sql}`, parameters);
  };
  const chooseEdge = (sql: string, parameters: Record<string, unknown> = {}): void => {
    run(`insert or ignore into edge_candidate (group_key, member_key) ${sql}`, parameters);
  };
  const page =
    db.prepare(`select c.id, c.kind, c.key, r.active as record_active, r.attributes, r.gone, d.uncertain, d.key is not null as due,
      a.remote_id, a.body, a.active, a.inactive_since, a.version, a.origin, a.doubtful
    from candidate c
    left join record r on r.kind = c.kind and r.key = c.key
    left join account a on a.target = :target and a.kind = c.kind and a.key = c.key
    left join due d on d.target = :target and d.kind = c.kind and d.key = c.key
    where c.id > :after order by c.id limit :limit`);
  const edgePage = db.prepare(`select o.id, o.group_key, o.member_key,
      exists (select 1 from edge e where e.group_key = o.group_key and e.member_key = o.member_key and e.gone is null) as wanted,
      (select member_kind from membership m where m.target = :target and m.group_key = o.group_key
        and m.member_key = o.member_key and m.member_kind in ('User', 'Group') limit 1) as known_kind,
      exists (select 1 from due_edge d where d.target = :target and d.group_key = o.group_key and d.member_key = o.member_key and d.doubtful = 1) as doubtful,
      exists (select 1 from record r where r.kind = 'User' and r.key = o.member_key and r.gone is null) as is_user,
      exists (select 1 from record r where r.kind = 'Group' and r.key = o.member_key and r.gone is null) as is_group
    from edge_order o where o.id > :after order by o.id limit :limit`);

  return {
    /** People before groups, so that a planning meets a person before the memberships that depend on them. */
    chooseCandidates(extent: Extent): void {
      db.exec('delete from candidate');
      for (const kind of ['User', 'Group']) {
        if (extent.kind === 'followUp') {
          choose('select kind, key from due where target = :target and follow_up = 1 and kind = :kind', { kind });
          continue;
        }
        if (extent.kind === 'full') {
          choose('select kind, key from record where kind = :kind and gone is null order by id', { kind });
          choose('select kind, key from account where target = :target and kind = :kind order by id', { kind });
          // Somebody who is neither in the source nor acknowledged, but whose create was never answered.
          choose('select kind, key from due where target = :target and kind = :kind and uncertain = 1 order by key', {
            kind,
          });
        } else {
          // Left to choose, SQLite would walk through everybody.
          choose(
            'select kind, key from record indexed by record_by_change where changed > :after and kind = :kind order by id',
            { kind, after: extent.after },
          );
          choose('select kind, key from due where target = :target and kind = :kind order by key', { kind });
        }
        choose(
          'select kind, key from account where target = :target and kind = :kind and inactive_since <= :before order by id',
          { kind, before: extent.inactiveBefore ?? -1 },
        );
      }
    },

    chooseReferrers(managers: readonly SourceKey[]): void {
      const parameters = { managers: JSON.stringify(managers) };
      choose(
        `select 'User', key from waiting where target = :target and manager in (select value from json_each(:managers))`,
        parameters,
      );
      choose(
        `select 'User', key from account where target = :target and manager in (select value from json_each(:managers))`,
        parameters,
      );
    },

    candidates(after: number, limit: number): { page: readonly Candidate[]; next: number | undefined } {
      const rows = page.all({ target, after, limit }) as CandidateRow[];
      return { page: rows.map(toCandidate), next: rows.at(-1)?.id };
    },

    chooseEdges(extent: Extent, groups: Iterable<SourceKey>, most?: number): void {
      db.exec('delete from edge_candidate; delete from edge_order');
      if (extent.kind === 'full') {
        chooseEdge('select group_key, member_key from edge where gone is null');
        chooseEdge('select group_key, member_key from membership where target = :target');
        chooseEdge('select group_key, member_key from due_edge where target = :target and doubtful = 1');
      } else {
        if (extent.kind === 'changed')
          chooseEdge('select group_key, member_key from edge where changed > :after', { after: extent.after });
        chooseEdge('select group_key, member_key from due_edge where target = :target and follow_up >= :followUp', {
          followUp: extent.kind === 'followUp' ? 1 : 0,
        });
        // Whoever was looked at may have come or gone, by whatever way; a person's memberships are few.
        const person = `(select key from candidate where kind = 'User')`;
        chooseEdge(`select group_key, member_key from edge where gone is null and member_key in ${person}`);
        chooseEdge(
          `select group_key, member_key from membership where target = :target and member_kind = 'User' and member_key in ${person}`,
        );
        for (const key of groups) {
          chooseEdge(
            'select group_key, member_key from edge where (group_key = :key or member_key = :key) and gone is null',
            { key },
          );
          chooseEdge('select group_key, member_key from membership where target = :target and group_key = :key', {
            key,
          });
          chooseEdge(
            `select group_key, member_key from membership where target = :target and member_kind = 'Group' and member_key = :key`,
            { key },
          );
        }
      }
      if (most !== undefined) {
        chooseEdge(
          `select group_key, member_key from edge where gone is null and group_key in (select group_key from (select distinct group_key from edge_candidate) c
          where (select count(*) from membership m where m.target = :target and m.group_key = c.group_key) >= :most)`,
          { most },
        );
      }
      db.exec(
        'insert into edge_order (group_key, member_key) select group_key, member_key from edge_candidate order by group_key, member_key',
      );
    },

    edges(after: number, limit: number): { page: readonly EdgeCandidate[]; next: number | undefined } {
      const rows = edgePage.all({ target, after, limit }) as EdgeRow[];
      return { page: rows.map(toEdgeCandidate), next: rows.at(-1)?.id };
    },
  };
}

interface EdgeRow {
  readonly id: number;
  readonly group_key: string;
  readonly member_key: string;
  readonly wanted: number;
  readonly known_kind: Kind | null;
  readonly doubtful: number;
  readonly is_user: number;
  readonly is_group: number;
}

function toEdgeCandidate(row: EdgeRow): EdgeCandidate {
  return {
    group: sourceKey(row.group_key),
    member: sourceKey(row.member_key),
    memberKind: row.known_kind ?? (row.is_user === 1 || row.is_group === 0 ? 'User' : 'Group'),
    wanted: row.wanted === 1,
    known: row.known_kind !== null,
    doubtful: row.doubtful === 1,
  };
}

function toCandidate(row: CandidateRow): Candidate {
  const { kind, key, attributes, gone } = row;
  const account: AccountRow | undefined =
    row.remote_id === null
      ? undefined
      : {
          kind,
          key,
          remote_id: row.remote_id,
          body: row.body ?? '{}',
          active: row.active ?? 1,
          inactive_since: row.inactive_since,
          version: row.version,
          origin: row.origin ?? 'created',
          doubtful: row.doubtful,
        };
  return {
    kind,
    key: sourceKey(key),
    record:
      attributes === null || gone !== null
        ? undefined
        : toRecord({ kind, key, active: row.record_active ?? 1, attributes }),
    known: account === undefined ? undefined : toKnown(account),
    uncertain: row.uncertain === 1,
    due: row.due === 1,
  };
}
