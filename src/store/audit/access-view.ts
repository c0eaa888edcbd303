import { instant, sourceKey, type SourceKey } from '../../model/ids.ts';
import type { Edit } from '../../model/operation.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { payloadOf } from '../journal/operations.ts';
import { openPackedPayloads } from '../retention/payload-blocks.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { AccessView, AccountEvent } from './access-interface.ts';

const usersPerPage = 500;

interface OperationRow {
  readonly id: number;
  readonly action: string;
  readonly state: string;
  readonly at: number;
  readonly edits: string | null;
  readonly body: string | null;
}

interface AccountRow {
  readonly body: string;
  readonly active: number;
  readonly missing: number | null;
  readonly refused: number | null;
}

/** Opens the questions about who has access to what. */
export function openAccessView(db: Db): AccessView {
  const packedPayload = openPackedPayloads(db);
  const time = 'coalesce(o.answered_at, o.sent_at, p.started)';
  const selectTarget = db.prepare('select id from target where name = ?').pluck();
  const selectUsers = db
    .prepare(
      `
      select key
      from (
        select key from account where target = :target and resource_type = 'User'
        union
        select key from operation where target = :target and resource_type = 'User' and state in ('done', 'adopted')
      )
      where key > :after
        and (:user is null or key = :user)
        and (
          :group is null
          or key in (select member_key from membership where target = :target and group_key = :group)
          or key in (
            select m.key
            from operation o indexed by operation_by_key
            join operation_member m on m.operation = o.id
            where o.key = :group and o.resource_type = 'Group' and o.target = :target and o.state = 'done'
          )
        )
      order by key
      limit ${usersPerPage}`,
    )
    .pluck();
  const selectAccount = db.prepare(`
    select body, active, missing_since as missing, deletion_refused_at as refused
    from account
    where target = ?
      and resource_type = 'User'
      and key = ?`);
  const selectOperations = db.prepare(`
    select o.id, o.action, o.state, ${time} as at,
      ${payloadOf('o', 'edits')} as edits,
      ${payloadOf('o', 'body')} as body
    from operation o indexed by operation_by_key
    join pass p on p.id = o.pass
    where o.key = :key
      and o.resource_type = 'User'
      and o.target = :target
      and o.state in ('done', 'adopted')
    order by at, o.id`);
  const selectName = db
    .prepare(
      `
      select name
      from operation indexed by operation_by_key
      where key = :key
        and resource_type = :type
        and target = :target
      order by id desc
      limit 1`,
    )
    .pluck();
  const selectGroups = db
    .prepare(
      `
      select group_key
      from membership
      where target = ?
        and member_type = 'User'
        and member_key = ?
      order by group_key`,
    )
    .pluck();
  const selectMemberships = db.prepare(`
    select ${time} as at, o.key as "group", m.removed
    from operation_member m indexed by operation_member_by_key
    join operation o on o.id = m.operation
    join pass p on p.id = o.pass
    where m.key = :key
      and m.resource_type = 'User'
      and o.target = :target
      and o.state = 'done'
    order by at, o.id, m.removed desc`);
  const selectGroupName = db
    .prepare(`select body ->> 'displayName' from account where target = ? and resource_type = 'Group' and key = ?`)
    .pluck();
  const selectGroupDeletions = db
    .prepare(
      `
      select ${time}
      from operation o indexed by operation_by_key
      join pass p on p.id = o.pass
      where o.key = :key
        and o.resource_type = 'Group'
        and o.target = :target
        and o.action = 'delete'
        and o.state = 'done'`,
    )
    .pluck();

  function eventOf(row: OperationRow, account: AccountRow | undefined): readonly AccountEvent[] {
    const at = instant(row.at);
    const payload = row.edits ?? row.body ?? packedPayload(row.id);
    switch (row.action) {
      case 'create':
      case 'verifyCreate': {
        if (row.state === 'adopted') return [{ at, before: null, after: undefined }];
        if (row.action === 'verifyCreate') return [];
        const body = JSON.parse(payload ?? '{}') as FlatResource;
        return [{ at, before: null, after: body['active'] !== false }];
      }
      case 'delete':
        return [{ at, before: undefined, after: typeof account?.refused === 'number' ? false : null }];
      default: {
        const edit = (JSON.parse(payload ?? '[]') as Edit[]).find(({ path }) => path === 'active');
        return edit === undefined ? [] : [{ at, before: edit.from !== false, after: edit.to !== false }];
      }
    }
  }

  const idOf = (target: string): number | undefined => selectTarget.get(target) as number | undefined;
  return {
    *users(target, { user, group }) {
      const of = { target: idOf(target), user: user ?? null, group: group ?? null };
      for (let after = ''; ;) {
        const page = selectUsers.all({ ...of, after }) as string[];
        yield* page.map(sourceKey);
        const last = page.at(-1);
        if (last === undefined || page.length < usersPerPage) return;
        after = last;
      }
    },
    access(target, user) {
      const of = { target: idOf(target), key: user };
      const account = selectAccount.get(of.target, user) as AccountRow | undefined;
      const body = account === undefined ? undefined : (JSON.parse(account.body) as FlatResource);
      const name = body?.['userName'] ?? selectName.get({ ...of, type: 'User' });
      return {
        key: user,
        name: typeof name === 'string' ? name : user,
        now:
          account === undefined || body === undefined
            ? undefined
            : {
                body,
                isActive: account.active === 1,
                missingSince: optionalInstant(account.missing),
                isDeletionRefused: account.refused !== null,
              },
        groupsNow: (selectGroups.all(of.target, user) as string[]).map(sourceKey),
        accountEvents: (selectOperations.all(of) as OperationRow[]).flatMap((row) => eventOf(row, account)),
        membershipEvents: (selectMemberships.all(of) as { at: number; group: string; removed: number }[]).map(
          ({ at, group, removed }) => ({ at: instant(at), group: sourceKey(group), isMember: removed === 0 }),
        ),
      };
    },
    group(target, key: SourceKey) {
      const of = { target: idOf(target), key };
      const name = (selectGroupName.get(of.target, key) ?? selectName.get({ ...of, type: 'Group' })) as string | null;
      return { name: name ?? key, deletedAt: (selectGroupDeletions.all(of) as number[]).map(instant) };
    },
    journalBegin() {
      const cut = db.prepare(`select mark from retention_mark where step = 'journalFrom'`).pluck().get();
      const first = db.prepare('select id, started from pass order by id limit 1').get() as
        { id: number; started: number } | undefined;
      if (first === undefined) return undefined;
      return cut === undefined && first.id === 1 ? instant(0) : instant(Math.max(Number(cut ?? 0), first.started));
    },
  };
}
