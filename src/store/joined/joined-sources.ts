import { instant } from '../../model/ids.ts';
import type { Judgements } from '../../model/reading/judgement.ts';
import type { Db } from '../database.ts';
import type { Mirror } from '../mirror/mirror-interface.ts';
import { openMirror } from '../mirror/mirror.ts';
import { markChanged, openJoin } from './join-users.ts';
import { countProjectedGroups, openGroupProjection, removeProjectedGroups } from './joined-groups.ts';
import { createMirrorOf, dropMirrorTables, hasMirrorTables, prefixedConnection, prefixOf } from './mirror-tables.ts';
import type {
  AmbiguousValue,
  JoinCounts,
  JoinedSource,
  JoinedSources,
  JoinedView,
} from './joined-sources-interface.ts';

interface StateRow {
  readonly primary_reading: number;
  readonly joined_reading: number;
  readonly signature: string;
  readonly used_attributes: string | null;
  readonly failed_since: number | null;
  readonly failure_code: string | null;
  readonly failure: string | null;
  readonly failure_judgements: string | null;
  readonly groups_reading: number;
  readonly groups_signature: string;
  readonly used_group_attributes: string | null;
  readonly unjoined_members: number;
}

/** Opens the sources that are joined to the primary one. */
export function openJoinedSources(db: Db): JoinedSources {
  const idOf = db.prepare('select id from joined_source where name = ?').pluck();
  return {
    open(name) {
      db.prepare('insert or ignore into joined_source (name) values (?)').run(name);
      const id = idOf.get(name) as number;
      createMirrorOf(db, id);
      return openJoinedSource(db, id, name);
    },
    find(name) {
      const id = idOf.get(name) as number | undefined;
      return id === undefined || !hasMirrorTables(db, prefixOf(id)) ? undefined : openJoinedView(db, id, name);
    },
    retain(names) {
      const gone = db
        .prepare('select id, name from joined_source where name not in (select value from json_each(?))')
        .all(JSON.stringify(names)) as { readonly id: number; readonly name: string }[];
      for (const { id, name } of gone) {
        removeProjectedGroups(db, name);
        dropMirrorTables(db, prefixOf(id));
        for (const table of ['join_value', 'joined_user']) db.prepare(`delete from ${table} where source = ?`).run(id);
        db.prepare('delete from joined_source where id = ?').run(id);
      }
    },
  };
}

function openJoinedView(db: Db, id: number, name: string): JoinedView & { readonly mirror: Mirror } {
  const selectState = db.prepare('select * from joined_source where id = ?');
  return {
    name,
    mirror: openMirror(prefixedConnection(db, prefixOf(id)), false),
    counts: (limit) => countJoins(db, id, name, limit),
    state() {
      const row = selectState.get(id) as StateRow;
      const { failed_since: since, failure_judgements: judgements } = row;
      return {
        primaryReading: row.primary_reading,
        joinedReading: row.joined_reading,
        signature: row.signature,
        usedAttributes: namesIn(row.used_attributes),
        groups: {
          reading: row.groups_reading,
          signature: row.groups_signature,
          usedAttributes: namesIn(row.used_group_attributes),
        },
        failure:
          since === null
            ? undefined
            : {
                since: instant(since),
                code: row.failure_code ?? '',
                message: row.failure ?? '',
                ...(judgements === null ? {} : { judgements: JSON.parse(judgements) as Judgements }),
              },
      };
    },
  };
}

function openJoinedSource(db: Db, id: number, name: string): JoinedSource {
  return {
    ...openJoinedView(db, id, name),
    ...openJoin(db, id, prefixOf(id)),
    saveFailure(failure) {
      db.prepare(
        `update joined_source
        set failed_since = ?, failure_code = ?, failure = ?, failure_judgements = ?
        where id = ?`,
      ).run(
        failure?.since ?? null,
        failure?.code ?? null,
        failure?.message ?? null,
        failure?.judgements === undefined ? null : JSON.stringify(failure.judgements),
        id,
      );
    },
    saveUsable(isUsable) {
      const { changes } = db
        .prepare('update joined_source set is_unusable = :isUnusable where id = :id and is_unusable <> :isUnusable')
        .run({ isUnusable: isUsable ? 0 : 1, id });
      if (changes > 0) markChanged(db, undefined);
    },
    saveJoined({ primaryReading, joinedReading, signature, usedAttributes }) {
      db.prepare(
        `update joined_source
        set primary_reading = ?, joined_reading = ?, signature = ?, used_attributes = ?
        where id = ?`,
      ).run(primaryReading, joinedReading, signature, namesAsText(usedAttributes), id);
    },
    openGroups: (keeps) => openGroupProjection(db, { id, name, prefix: prefixOf(id) }, keeps),
    saveGroupState({ reading, signature, usedAttributes }) {
      db.prepare(
        `update joined_source
        set groups_reading = ?, groups_signature = ?, used_group_attributes = ?
        where id = ?`,
      ).run(reading, signature, namesAsText(usedAttributes), id);
    },
  };
}

/** A list of names in a nullable column; null: all names. */
const namesIn = (text: string | null): readonly string[] | undefined =>
  text === null ? undefined : (JSON.parse(text) as string[]);

const namesAsText = (names: readonly string[] | undefined): string | null =>
  names === undefined ? null : JSON.stringify(names);

function countJoins(db: Db, source: number, name: string, limit: number): JoinCounts {
  const count = (state: string): number =>
    db.prepare('select count(*) from joined_user where source = ? and state = ?').pluck().get(source, state) as number;
  const values = db
    .prepare(`select distinct value from joined_user where source = ? and state = 'ambiguous' order by value limit ?`)
    .pluck()
    .all(source, limit) as string[];
  const keysWith = db
    .prepare('select key from join_value where source = ? and value = ? and side = ? order by key limit 5')
    .pluck();
  const ambiguousValues = values.map((value): AmbiguousValue => {
    const keys = (side: string): readonly string[] => keysWith.all(source, value, side) as string[];
    return { value, users: keys('primary'), records: keys('joined') };
  });
  return {
    joined: count('joined'),
    missing: count('missing'),
    ambiguous: count('ambiguous'),
    ambiguousValues,
    ...countProjectedGroups(db, name),
    unjoinedMembers: db
      .prepare('select unjoined_members from joined_source where id = ?')
      .pluck()
      .get(source) as number,
  };
}
