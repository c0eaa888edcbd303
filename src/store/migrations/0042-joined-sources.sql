-- Sources that are joined to the primary source ---------------------------------------------------------------------

-- `id`: the mirror of the source is in tables `joined_ID_record`, `joined_ID_reading` and so on. They have the shape of
-- the tables of the primary source.
create table joined_source (
  id integer primary key,
  name text not null unique,
  -- Readings of the primary source and of this one whose changes are joined.
  primary_reading integer not null default 0,
  joined_reading integer not null default 0,
  -- The settings of the join; other ones join all users again.
  signature text not null default '',
  -- The attributes that the last accepted reading kept, as a JSON list; null: all of them.
  used_attributes text,
  -- 1: the last accepted reading lacks attributes that are used now, so no user is compared with it.
  is_unusable integer not null default 0,
  -- When a pass first could not accept a reading after the last accepted one, and why. Null: the last one was accepted.
  failed_since integer,
  failure_code text,
  failure text,
  -- Why the last reading was refused, as JSON; null: it was not refused.
  failure_judgements text
);

-- The values by which records are joined. `side` 'primary': of users of the primary source; 'joined': of users of the
-- joined source. Null: the record has no value.
create table join_value (
  source integer not null references joined_source (id),
  side text not null check (side in ('primary', 'joined')),
  key text not null,
  value text,
  primary key (source, side, key)
) without rowid;
create index join_value_by_value on join_value (source, value, side) where value is not null;

-- What a user of the primary source has in a joined source. A user without a row was never compared with it.
-- 'ambiguous': several records have the value of the join, so no record is joined.
create table joined_user (
  source integer not null references joined_source (id),
  key text not null,
  state text not null check (state in ('joined', 'missing', 'ambiguous')),
  -- The join value.
  value text,
  joined_key text,
  attributes text not null default '{}',
  primary key (key, source)
) without rowid;
create index joined_user_ambiguous on joined_user (source, value) where state = 'ambiguous';
