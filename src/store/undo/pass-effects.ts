import { instant, sourceKey, type SourceKey } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { openOperations, operationColumnsOf, type OperationRow } from '../journal/operations.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { MembershipEffect, PassEffects, ResourceEffect } from './pass-effects-interface.ts';

const recordsPerPage = 200;
const membershipsPerPage = 1000;

/** The operations `o` of a pass at a target that the target acknowledged. */
const acknowledged = `
  o.pass = :pass
  and o.target = :target
  and o.state in ('done', 'adopted')`;

interface RecordRow {
  readonly id: number;
  readonly resourceType: ResourceType;
  readonly key: string;
}

interface MembershipRow {
  readonly memberType: ResourceType;
  readonly memberKey: string;
  readonly isAdded: number;
  readonly isKnown: number;
}

/** Opens what the journal knows of the effects of passes. */
export function openPassEffects(db: Db, targetOf: (name: string) => { readonly id: number }): PassEffects {
  const operations = openOperations(db);
  const selectPass = db.prepare(`
    select
      command,
      started,
      ended,
      is_operator_action as isAction,
      ended < (select mark from retention_mark where step = 'journalFrom') as isCut
    from pass
    where id = ?`);
  const selectTargets = db.prepare(`
    select
      t.name as target,
      sum(o.state in ('done', 'adopted')) as done,
      sum(o.state = 'unknown' or (o.state = 'failed' and o.requests > 0)) as unproven
    from operation o indexed by operation_by_pass
    join target t on t.id = o.target
    where o.pass = ?
      and o.action <> 'verifyCreate'
    group by t.id
    order by t.name`);
  const selectNumbers = db.prepare('select min(id) as first, max(id) as last from pass');
  const selectRange = db.prepare(`
    select min(o.id) as first, max(o.id) as last
    from operation o indexed by operation_by_pass
    where o.pass = :pass
      and o.target = :target`);
  // In the order of ids, in which a page begins where the last one ended. The first operation stands for its record.
  const selectRecords = db.prepare(`
    select o.id, o.resource_type as resourceType, o.key
    from operation o not indexed
    where o.id > :after
      and o.id <= :last
      and ${acknowledged}
      and o.action not in ('members', 'verifyCreate')
      and not exists (
        select 1
        from operation e indexed by operation_by_key
        where e.key = o.key
          and e.resource_type = o.resource_type
          and e.pass = o.pass
          and e.target = o.target
          and e.id < o.id
          and e.action not in ('members', 'verifyCreate')
          and e.state in ('done', 'adopted')
      )
    order by o.id
    limit ${recordsPerPage}`);
  const selectOperations = db.prepare(`
    select ${operationColumnsOf('o')}
    from operation o indexed by operation_by_key
    where ${acknowledged}
      and o.key = :key
      and o.resource_type = :resourceType
      and o.action not in ('members', 'verifyCreate')
    order by o.round, o.phase, o.wave, o.id`);
  const selectDeleted = db.prepare('select body from deleted_account where operation = ?').pluck();
  const selectGroups = db
    .prepare(
      `
      select o.key
      from operation o indexed by operation_by_pass
      where ${acknowledged}
        and o.action = 'members'
        and o.key > :after
      union
      select d.group_key
      from operation o indexed by operation_by_pass
      join deleted_membership d on d.operation = o.id
      where ${acknowledged}
        and o.action = 'delete'
        and d.group_key > :after
      order by 1
      limit ${recordsPerPage}`,
    )
    .pluck();
  // The first change of a membership shows what it was before the pass, and the last one what it was after.
  const selectMemberships = db.prepare(`
    with changed (member_type, member_key, is_added, operation) as (
      select m.resource_type, m.key, 1 - m.removed, o.id
      from operation o indexed by operation_by_key
      join operation_member m on m.operation = o.id
      where ${acknowledged}
        and o.action = 'members'
        and o.key = :group
      union all
      select d.member_type, d.member_key, 0, o.id
      from deleted_membership d indexed by deleted_membership_by_group
      join operation o on o.id = d.operation
      where ${acknowledged}
        and d.group_key = :group
    ),
    net as (
      select
        member_type,
        member_key,
        min(operation * 2 + is_added) % 2 as first_added,
        max(operation * 2 + is_added) % 2 as last_added
      from changed
      where (member_type, member_key) > (:afterType, :afterMember)
      group by member_type, member_key
    )
    select
      n.member_type as memberType,
      n.member_key as memberKey,
      n.last_added as isAdded,
      exists (
        select 1
        from membership k
        where k.target = :target
          and k.group_key = :group
          and k.member_type = n.member_type
          and k.member_key = n.member_key
      ) as isKnown
    from net n
    where n.first_added = n.last_added
    order by n.member_type, n.member_key
    limit ${membershipsPerPage}`);

  const effectOf = (of: { pass: number; target: number; resourceType: ResourceType; key: string }): ResourceEffect => {
    const rows = selectOperations.all(of) as OperationRow[];
    const deletion = rows.findLast(({ action }) => action === 'delete');
    const deleted = deletion === undefined ? undefined : (selectDeleted.get(deletion.id) as string | undefined);
    return {
      resourceType: of.resourceType,
      key: sourceKey(of.key),
      name: rows.at(-1)?.name ?? '',
      operations: rows
        .filter(({ state }) => state === 'done')
        .map((row) => operations.read(row).operation)
        .filter((one) => one.action !== 'members'),
      isAdopted: rows.some(({ state }) => state === 'adopted'),
      deleted: deleted === undefined ? undefined : (JSON.parse(deleted) as FlatResource),
    };
  };

  return {
    async passToUndo(pass) {
      const row = selectPass.get(pass) as
        { command: string; started: number; ended: number | null; isAction: number; isCut: number | null } | undefined;
      if (row === undefined) return undefined;
      return {
        pass,
        command: row.command,
        started: instant(row.started),
        ended: optionalInstant(row.ended),
        isAction: row.isAction === 1,
        isCut: row.isCut === 1,
        targets: selectTargets.all(pass) as { target: string; done: number; unproven: number }[],
      };
    },
    async passNumbers() {
      const { first, last } = selectNumbers.get() as { first: number | null; last: number | null };
      return first === null || last === null ? undefined : { first, last };
    },
    async *resourceEffects(pass, target) {
      const of = { pass, target: targetOf(target).id };
      const { first, last } = selectRange.get(of) as { first: number | null; last: number | null };
      for (let after = (first ?? 0) - 1; ;) {
        const page = selectRecords.all({ ...of, after, last }) as RecordRow[];
        const end = page.at(-1);
        if (end === undefined) return;
        after = end.id;
        yield page.map(({ resourceType, key }) => effectOf({ ...of, resourceType, key }));
      }
    },
    async *membershipEffects(pass, target) {
      const { id } = targetOf(target);
      for (let after = ''; ;) {
        const groups = selectGroups.all({ pass, target: id, after }) as string[];
        const last = groups.at(-1);
        if (last === undefined) return;
        after = last;
        for (const group of groups) yield* membershipsOf({ pass, target: id, group });
      }
    },
  };

  function* membershipsOf(of: { pass: number; target: number; group: string }): Generator<readonly MembershipEffect[]> {
    for (let [afterType, afterMember] = ['', '']; ;) {
      const page = selectMemberships.all({ ...of, afterType, afterMember }) as MembershipRow[];
      const last = page.at(-1);
      if (last === undefined) return;
      [afterType, afterMember] = [last.memberType, last.memberKey];
      yield page.map((row) => toMembershipEffect(sourceKey(of.group), row));
    }
  }
}

const toMembershipEffect = (
  group: SourceKey,
  { memberType, memberKey, isAdded, isKnown }: MembershipRow,
): MembershipEffect => ({
  group,
  member: { resourceType: memberType, key: sourceKey(memberKey) },
  isAdded: isAdded === 1,
  isKnown: isKnown === 1,
});
