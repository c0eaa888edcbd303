/**
 * Whether a duty rests on the operation `o` of an earlier pass, or a later planning or answer depends on it:
 *
 *     its record is planned again, or its membership is; the removal is looked at once more
 *     the target never answered a removal, and no read has shown its effect
 *     the account is in doubt, missing, not proven to be closed, or may have duplicates
 *     it is the last try, and failed: the guard counts another create of the user only once
 *     the target refused to delete the account: a repeated deletion is no further removal
 */
export const isDuty = (o: string): string => `(
  ${o}.state in ('planned', 'sent')
  or exists (select 1 from verification v where v.operation = ${o}.id)
  or exists (
    select 1
    from requeue q
    where q.target = ${o}.target
      and q.resource_type = ${o}.resource_type
      and q.key = ${o}.key
  )
  or exists (
    ${accountOf(o)}
      and (
        a.in_doubt is not null
        or a.missing_since is not null
        or a.deletion_refused_at is not null
        or a.unproven_removals > 0
        or a.may_have_duplicates = 1
      )
  )
  or (
    ${o}.action = 'members'
    and exists (select 1 from requeue_membership q where q.target = ${o}.target and q.group_key = ${o}.key)
  )
  or (
    ${o}.state = 'unknown'
    and (
      ${o}.action in ('deactivate', 'delete')
      or (
        ${o}.action = 'members'
        and exists (select 1 from operation_member m where m.operation = ${o}.id and m.removed = 1)
      )
    )
  )
  or (
    ${o}.state in ('failed', 'unknown')
    and ${o}.action <> 'members'
    and not exists (
      select 1
      from operation l indexed by operation_by_key
      where l.key = ${o}.key
        and l.resource_type = ${o}.resource_type
        and l.target = ${o}.target
        and l.id > ${o}.id
        and l.action <> 'members'
        and l.state not in ('planned', 'held', 'skipped')
    )
    and (
      exists (
        select 1
        from record r
        where r.resource_type = ${o}.resource_type
          and r.key = ${o}.key
          and r.removed_in is null
      )
      or exists (${accountOf(o)})
    )
  )
)`;

/** The account `a` of the record of an operation. */
const accountOf = (o: string): string => `
    select 1
    from account a
    where a.target = ${o}.target
      and a.resource_type = ${o}.resource_type
      and a.key = ${o}.key`;
