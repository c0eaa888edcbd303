-- Logins of users without an account at any target --------------------------------------------------------------------

-- The userNames and e-mail addresses of a present user, as they are compared. Whether one of these users is a leaver
-- under a new key is looked up here, so that a reading does not compare all of them.
create table new_user_login (
  record integer not null,
  login text not null,
  primary key (record, login)
) without rowid;
create index new_user_login_by_login on new_user_login (login);

-- Users without an account whose logins are not in `new_user_login` yet.
create table unread_new_user (record integer primary key);

-- The rules by which these logins were read; null: those of all users are read again.
alter table reading add column login_rules text;

create trigger account_of_new_user after insert on account when new.resource_type = 'User' begin
  delete from new_user_login where record = (select id from record where resource_type = 'User' and key = new.key);
  delete from unread_new_user where record = (select id from record where resource_type = 'User' and key = new.key);
end;
create trigger account_lost after delete on account when old.resource_type = 'User' begin
  insert or ignore into unread_new_user
  select r.id
  from record r
  where r.resource_type = 'User'
    and r.key = old.key
    and r.removed_in is null
    and not exists (
      select 1 from target t cross join account a on a.target = t.id and a.resource_type = 'User' and a.key = r.key
    );
end;
