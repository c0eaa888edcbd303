-- Limits of the guard over time, emptied groups, and approvals ------------------------------------------------------

-- What operators approved. `pass`: the pass that used it; null: it waits for the next pass at its target.
create table approval (
  id integer primary key,
  at integer not null,
  operator text not null,
  host text not null,
  reason text,
  command text not null,
  -- The id of the approved plan; null: removals are approved by number.
  plan text,
  removals integer,
  -- Of an approval that waits: its target, and the digest of the operations that the guard held there.
  target integer references target (id),
  held text,
  pass integer references pass (id),
  -- used: it let operations through; void: the pass held other operations, or none.
  outcome text check (outcome in ('used', 'void'))
);
create index approval_by_pass on approval (pass) where pass is not null;
create index approval_open on approval (target) where pass is null;

-- The approval that let this operation through. The guard does not count it again.
alter table operation add column approval integer references approval (id);
-- Of the deletion of a group: memberships of people who stay.
alter table operation add column ended_memberships integer not null default 0;
-- Why the membership changes together with another change (MembershipCause); null: by itself.
alter table operation_member add column cause text;

insert into approval (at, operator, host, command, pass, outcome)
  select started, 'unknown', 'unknown', command, id, 'used'
  from pass
  where approved = 1
    and exists (select 1 from operation o where o.pass = pass.id);
update operation
  set approval = (select a.id from approval a where a.pass = operation.pass)
  where pass in (select pass from approval);
alter table pass drop column approved;

-- The guard looks back one day, so older memberships need no cause.
update operation_member
  set cause = 'leaver'
  where removed = 1
    and operation in (
      select o.id
      from operation o
      join pass p on p.id = o.pass
      where p.started >= (select max(started) from pass) - 172800000
    )
    and exists (
      select 1
      from operation o
      join operation g indexed by operation_by_key on g.key = operation_member.key
        and g.resource_type = operation_member.resource_type
        and g.target = o.target
        and g.action in ('deactivate', 'delete')
        and g.state = 'done'
      where o.id = operation_member.operation
    );

drop index operation_recent;
drop index operation_recreated;
create index operation_answered on operation (target, answered_at) where answered_at is not null;

-- 1: the group left the source or the scope, and its members are removed. If it comes back, they are added again.
alter table account add column is_emptied integer not null default 0;

-- When the first load ended: a pass sent everything that it planned. Null: not yet, so that creates have no limit.
alter table target add column loaded_at integer;
update target
  set loaded_at = (
    select max(p.ended)
    from pass_target t
    join pass p on p.id = t.pass
    where t.target = target.id
      and p.result in ('done', 'failed')
      and coalesce(json_extract(t.summary, '$.skipped'), 0) = 0
  );
