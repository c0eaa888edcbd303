-- What a pass learned about the absence and the removal of accounts. ------------------------------------------------

-- When the account was proven missing: neither a read by id nor a look-up found it. Null: it is there. The row keeps
-- the last known id and values, because the target may have lost the account only for a time.
alter table account add column missing_since integer;
-- When the target last refused to delete the account or the group. Null: it never did.
alter table account add column deletion_refused_at integer;
-- 1: a create of it was sent without an answer, so the target may hold other accounts with its externalId.
alter table account add column may_have_duplicates integer not null default 0;

-- 1: a create of an account that was proven missing. The guard counts it together with the removals.
alter table operation add column is_recreation integer not null default 0;
create index operation_recreated on operation (target, answered_at)
  where is_recreation = 1 and answered_at is not null;
