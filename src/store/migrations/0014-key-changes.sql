-- Users whose key in the source seems to have changed --------------------------------------------------------------

create table key_change (
  from_key text not null,
  to_key text not null,
  -- The userName or e-mail address that both have, and why they seem to be one person.
  name text not null,
  reason text not null,
  -- When a reading showed it for the first time.
  since integer not null,
  -- pending: no operator decided yet; different: an operator stated that they are two people.
  state text not null default 'pending' check (state in ('pending', 'different')),
  primary key (from_key, to_key)
) without rowid;
create unique index key_change_pending on key_change (to_key) where state = 'pending';

-- Keys that a user had before an operator moved the account to another key.
create table former_key (
  key text primary key,
  now_key text not null,
  at integer not null
) without rowid;
