import type { ResourceType } from '../../../model/resource-type.ts';
import type { Db } from '../../database.ts';
import type { NewsLog } from './news-interface.ts';

const supersededDetail = 'superseded by a later reading';

/** Whether the operation with this alias was not sent because news replaced it. */
export const isSuperseded = (o: string): string => `(${o}.state = 'skipped' and ${o}.detail = '${supersededDetail}')`;

const ofEarlierRounds = `o.pass = :pass and o.target = :target and o.round < :round and o.state = 'planned'`;

/** Whether an account exists, or the round creates it. */
const isReady = (resourceType: string, key: string): string => `(
  exists (
    select 1
    from account a
    where a.target = :target
      and a.resource_type = ${resourceType}
      and a.key = ${key}
      and a.missing_since is null
  )
  or exists (
    select 1
    from operation n indexed by operation_by_key
    where n.key = ${key}
      and n.resource_type = ${resourceType}
      and n.pass = :pass
      and n.target = :target
      and n.round = :round
      and n.action = 'create'
  )
)`;

interface MemberRow {
  readonly operation: number;
  readonly round: number;
  readonly group: string;
  readonly removed: number;
  readonly resourceType: ResourceType;
  readonly key: string;
}

/** Opens the part of the journal that plans news. The temporary tables of the candidates exist. */
export function openNewsLog(db: Db, targetOf: (name: string) => { readonly id: number }): NewsLog {
  // The candidates come first in each statement: the number of unsent operations does not matter.
  const statements = {
    supersedeRecords: `
      update operation
      set state = 'skipped', detail = '${supersededDetail}'
      where id in (
        select o.id
        from candidate c
        cross join operation o indexed by operation_by_key on o.key = c.key
          and o.resource_type = c.resource_type
        where ${ofEarlierRounds} and o.action <> 'members'
      )
      returning round`,
    selectMembers: `
      select o.id as operation, o.round, o.key as "group", m.removed, m.resource_type as resourceType, m.key
      from membership_candidate c
      cross join operation_member m indexed by operation_member_by_key on m.key = c.member_key
      cross join operation o on o.id = m.operation
      where ${ofEarlierRounds}
        and o.action = 'members'
        and o.key = c.group_key
      order by o.id`,
    copyOperation: `
      insert into operation (
        pass, target, round, phase, wave, action, resource_type, key, name, reason, state, detail
      )
      select pass, target, round, phase, wave, action, resource_type, key, name, reason, 'skipped',
        '${supersededDetail}'
      from operation
      where id = ?`,
    moveMember: `
      update operation_member
      set operation = :copy
      where operation = :operation
        and removed = :removed
        and resource_type = :resourceType
        and key = :key`,
    selectUnready: `
      select o.id as operation, o.round, o.key as "group", m.removed, m.resource_type as resourceType, m.key
      from operation o
      join operation_member m on m.operation = o.id
      where o.pass = :pass
        and o.target = :target
        and o.round = :round
        and o.action = 'members'
        and o.state = 'planned'
        and m.removed = 0
        and not (${isReady('m.resource_type', 'm.key')} and ${isReady(`'Group'`, 'o.key')})`,
    requeueMembership: `
      insert into requeue_membership (target, group_key, member_key, this_pass)
      values (:target, :group, :key, 1)
      on conflict (target, group_key, member_key) do update set this_pass = 1`,
    deleteMember: `
      delete from operation_member
      where operation = :operation
        and removed = :removed
        and resource_type = :resourceType
        and key = :key`,
    deleteEmpty: `
      delete from operation
      where id = ?
        and not exists (select 1 from operation_member m where m.operation = operation.id)`,
  };
  const prepared = new Map<string, ReturnType<Db['prepare']>>();
  const statement = (name: keyof typeof statements): ReturnType<Db['prepare']> => {
    let one = prepared.get(name);
    if (one === undefined) prepared.set(name, (one = db.prepare(statements[name])));
    return one;
  };

  /** The history shows the superseded members in an operation of their own. */
  const supersedeMembers = (rows: readonly MemberRow[]): void => {
    let copy: number | bigint = 0;
    for (const [index, { operation, removed, resourceType, key }] of rows.entries()) {
      if (rows[index - 1]?.operation !== operation) copy = statement('copyOperation').run(operation).lastInsertRowid;
      statement('moveMember').run({ copy, operation, removed, resourceType, key });
      if (rows[index + 1]?.operation !== operation) statement('deleteEmpty').run(operation);
    }
  };

  return {
    async supersede(pass, target, round) {
      const parameters = { pass, target: targetOf(target).id, round };
      const records = statement('supersedeRecords').all(parameters) as { readonly round: number }[];
      const members = statement('selectMembers').all(parameters) as MemberRow[];
      supersedeMembers(members);
      return [...new Set([...records, ...members].map((row) => row.round))];
    },
    async postponeUnready(pass, target, round) {
      const { id } = targetOf(target);
      for (const row of statement('selectUnready').all({ pass, target: id, round }) as MemberRow[]) {
        const { operation, removed, resourceType, key, group } = row;
        statement('requeueMembership').run({ target: id, group, key });
        statement('deleteMember').run({ operation, removed, resourceType, key });
        statement('deleteEmpty').run(operation);
      }
    },
  };
}
