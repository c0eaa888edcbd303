-- Users that a target's list contains and that no record of the source owns. A later listing replaces the rows; an
-- account that is deleted or adopted leaves the table.
create table orphan (
  target integer not null references target (id),
  remote_id text not null,
  -- Null: the account carries none. Such an account is only counted, because any application user may have made it.
  external_id text,
  name text not null default '',
  active integer not null,
  -- What the list returned, as JSON; null where `external_id` is null.
  resource text,
  listed_at integer not null,
  -- 1: an operator declared the account not ours. It is never counted again.
  is_foreign integer not null default 0,
  primary key (target, remote_id)
) without rowid;
