-- Groups of joined sources ------------------------------------------------------------------------------------------

-- Groups and memberships of joined sources are rows of `record` and `source_membership` with negative ids. The key of a
-- group is NAME:KEY, with the name of its source and the key that it has there.

-- The reading of the joined source whose groups these rows show.
alter table joined_source add column groups_reading integer not null default 0;
-- How the last accepted reading named groups; empty: it read none. Another one writes all groups again.
alter table joined_source add column groups_signature text not null default '';
-- The attributes of groups that the last accepted reading kept, as a JSON list; null: all of them.
alter table joined_source add column used_group_attributes text;
-- Records of users that are members of groups and belong to no user of the primary source.
alter table joined_source add column unjoined_members integer not null default 0;

create index joined_user_by_record on joined_user (source, joined_key) where joined_key is not null;
