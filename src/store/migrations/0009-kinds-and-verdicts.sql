-- What an observed kind of write is, and which removals still have no verdict. -------------------------------------

-- `samples`: each kind states its resource type and its action; before, only its name did.
update target
set samples = (
  select json_group_object(
    key,
    json_set(
      value,
      '$.resourceType', case when key like '% of users by %' then 'User' else 'Group' end,
      '$.action', case
        when key like 'create of %' then 'create'
        when key like 'first members of %' then 'firstMembers'
        when key like 'new members of %' then 'addMembers'
        when key like 'removed members of %' then 'removeMembers'
        else 'update'
      end
    )
  )
  from json_each(target.samples)
)
where samples is not null;

-- Each pass looks at the operations of a target that were sent without an answer.
create index operation_unanswered on operation (target) where state = 'unknown';
