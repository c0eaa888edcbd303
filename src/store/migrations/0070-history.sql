-- What the journal is searched by. -------------------------------------------------------------------------------

-- Equal keys of a user and of a group are rare: the type of resource is compared in the row.
drop index operation_by_key;
create index operation_by_key on operation (key);

-- Names of accounts are found in the snapshot, and former ones in `former_value`. The index has the other operations.
drop index operation_by_name;
create index operation_by_name on operation (lower(name)) where state not in ('done', 'adopted');

-- What a target answered within a time belongs to passes that ended after its beginning.
drop index operation_answered;
create index pass_by_end on pass (ended);
create index pass_by_start on pass (started);
create index pass_target_by_target on pass_target (target, pass);

-- Values by which accounts were found that they no longer have, in lower case. `pass`: the last pass before that.
create table former_value (
  folded text not null,
  resource_type text not null,
  key text not null,
  pass integer not null,
  primary key (folded, resource_type, key)
) without rowid;
create index former_value_by_pass on former_value (pass);

create trigger account_renamed after update of name on account
when old.name <> new.name and old.name <> ''
begin
  insert into former_value (folded, resource_type, key, pass)
  values (old.name, old.resource_type, old.key, (select coalesce(max(id), 0) from pass))
  on conflict do update set pass = excluded.pass;
end;

-- The names, numbers and addresses of a person, wherever the body has them.
create trigger account_values_changed after update of body on account
when old.body <> new.body
begin
  insert into former_value (folded, resource_type, key, pass)
  select lower(b.atom), old.resource_type, old.key, (select coalesce(max(id), 0) from pass)
  from json_tree(old.body) b
  where b.type = 'text'
    and length(b.atom) between 1 and 200
    and (
      b.atom like '%_@_%'
      or b.fullkey like '%externalId%'
      or b.fullkey like '%employeeNumber%'
      or b.fullkey like '%phoneNumbers%'
      or b.fullkey like '%displayName%'
      or b.fullkey like '%nickName%'
    )
    and b.fullkey not like '%manager%'
    and not exists (select 1 from json_tree(new.body) n where n.fullkey = b.fullkey and n.atom = b.atom)
  on conflict do update set pass = excluded.pass;
end;

create trigger account_values_removed after delete on account
begin
  insert into former_value (folded, resource_type, key, pass)
  select folded, old.resource_type, old.key, (select coalesce(max(id), 0) from pass)
  from (
    select old.name as folded
    union
    select lower(b.atom)
    from json_tree(old.body) b
    where b.type = 'text'
      and length(b.atom) <= 200
      and (
        b.atom like '%_@_%'
        or b.fullkey like '%externalId%'
        or b.fullkey like '%employeeNumber%'
        or b.fullkey like '%phoneNumbers%'
        or b.fullkey like '%displayName%'
        or b.fullkey like '%nickName%'
      )
      and b.fullkey not like '%manager%'
  )
  where folded <> ''
  on conflict do update set pass = excluded.pass;
end;

-- Operations of earlier versions: the values that they set or took away, and that no account has any more.
insert or ignore into former_value (folded, resource_type, key, pass)
select lower(o.name), o.resource_type, o.key, o.pass
from operation o
where o.state in ('done', 'adopted')
  and o.name <> ''
  and not exists (
    select 1
    from account a
    where a.target = o.target
      and a.resource_type = o.resource_type
      and a.key = o.key
      and a.name = lower(o.name)
  );
insert or ignore into former_value (folded, resource_type, key, pass)
select lower(b.atom), o.resource_type, o.key, o.pass
from operation o
join json_each(o.edits) e
join json_tree(e.value, '$.from') b
where o.state in ('done', 'adopted')
  and b.type = 'text'
  and length(b.atom) between 1 and 200
  and (
    b.atom like '%_@_%'
    or e.value ->> 'path' like '%externalId%'
    or e.value ->> 'path' like '%employeeNumber%'
    or e.value ->> 'path' like '%phoneNumbers%'
    or e.value ->> 'path' like '%displayName%'
    or e.value ->> 'path' like '%nickName%'
  );
insert or ignore into former_value (folded, resource_type, key, pass)
select lower(b.atom), o.resource_type, o.key, o.pass
from operation o
join json_tree(o.body) b
where o.state in ('done', 'adopted')
  and o.action = 'create'
  and not exists (
    select 1
    from account a
    where a.target = o.target
      and a.resource_type = o.resource_type
      and a.key = o.key
  )
  and b.type = 'text'
  and length(b.atom) between 1 and 200
  and (
    b.atom like '%_@_%'
    or b.fullkey like '%externalId%'
    or b.fullkey like '%employeeNumber%'
    or b.fullkey like '%phoneNumbers%'
    or b.fullkey like '%displayName%'
    or b.fullkey like '%nickName%'
  )
  and b.fullkey not like '%manager%';
