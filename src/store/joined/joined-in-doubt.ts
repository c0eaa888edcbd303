import { isOfSource, type Projection } from './projection.ts';

/** What rejected rows of the joined source keep. What is no longer in doubt counts as changed, as in its mirror. */
export function copyInDoubt({ run, change, all, prefix }: Projection): void {
  const groups = `select p.id as row, x.since, x.line, x.is_absent, x.name
    from ${prefix}record_in_doubt x
    join ${prefix}record r on r.id = x.record
      and r.resource_type = 'Group'
    join record p on p.resource_type = 'Group'
      and p.key = :prefix || r.key
      and p.id < 0`;
  const memberships = `select p.id as row, x.since, x.line
    from ${prefix}membership_in_doubt x
    join ${prefix}source_membership m on m.id = x.membership
    join joined_user j on j.source = :source
      and j.joined_key = m.member_key
    join source_membership p on p.group_key = :prefix || m.group_key
      and p.member_key = j.key
      and p.id < 0`;
  const kinds = [
    ['record', 'record', 'key', groups, 'since, line, is_absent, name'],
    ['membership', 'source_membership', 'group_key', memberships, 'since, line'],
  ] as const;
  for (const [column, table, key, kept, columns] of kinds) {
    const inDoubt = `select d.${column} from ${column}_in_doubt d join ${table} t on t.id = d.${column}
      where d.${column} < 0 and ${isOfSource(`t.${key}`)}`;
    change(
      `update ${table}
      set changed_in = :number
      where removed_in is null
        and id in (${inDoubt})
        and id not in (select row from (${kept}))`,
    );
    run(`delete from ${column}_in_doubt where ${column} in (${inDoubt})`, all);
    run(`insert into ${column}_in_doubt (${column}, ${columns}) select row, ${columns} from (${kept})`, all);
  }
}
