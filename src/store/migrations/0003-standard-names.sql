-- Renames tables and columns to the terms of RFC 7643 and of transactions. Their contents do not change. -----------

-- `signature`: what equal raw bytes mean; where it is another one, every row is parsed again.
alter table reading rename column shape to signature;
-- The `method` of a bookmark is the method of the incremental read.
update reading set bookmark = json_remove(json_set(bookmark, '$.method', json_extract(bookmark, '$.way')), '$.way')
  where case when json_valid(bookmark) then json_type(bookmark, '$.way') is not null else 0 end;

-- `changed_in`, `removed_in`: numbers of readings.
alter table record rename column kind to resource_type;
alter table record rename column changed to changed_in;
alter table record rename column gone to removed_in;

alter table edge rename to source_membership;
alter table source_membership rename column changed to changed_in;
alter table source_membership rename column gone to removed_in;
drop index edge_by_member;
drop index edge_by_change;
drop index edge_by_digest;
create index source_membership_by_member on source_membership (member_key);
create index source_membership_by_change on source_membership (changed_in);
create index source_membership_by_digest on source_membership (digest) where digest is not null;

alter table bearer rename to handle_owner;
drop index bearer_by_record;
create index handle_owner_by_record on handle_owner (record);

alter table reference rename column towards to relation;

alter table unsettled rename to recently_renamed;

-- `planned_reading`: the last reading that was compared completely; `rules_fingerprint`: by which rules.
alter table target rename column derived to planned_reading;
alter table target rename column rules to rules_fingerprint;

-- `in_doubt`: paths whose last change was never answered, as a JSON list.
alter table account rename column kind to resource_type;
alter table account rename column doubtful to in_doubt;

alter table membership rename column member_kind to member_type;

-- Records to evaluate again although the source did not change. `this_pass`: 1: in the running pass;
-- `verify_first`: a create was sent and got no response; it is looked up before it is sent again.
alter table due rename to requeue;
alter table requeue rename column kind to resource_type;
alter table requeue rename column follow_up to this_pass;
alter table requeue rename column uncertain to verify_first;

alter table due_edge rename to requeue_membership;
alter table requeue_membership rename column follow_up to this_pass;
alter table requeue_membership rename column doubtful to in_doubt;
drop index due_edge_in_doubt;
create index requeue_membership_in_doubt on requeue_membership (target, member_key) where in_doubt = 1;

-- Users whose manager has no account at that target yet.
alter table waiting rename to pending_manager;
drop index waiting_by_manager;
create index pending_manager_by_manager on pending_manager (target, manager);

alter table operation rename column kind to resource_type;
alter table operation rename column renames to is_rename;
update operation set action = 'verifyCreate' where action = 'claim';
alter table operation_member rename column kind to resource_type;
alter table note rename column kind to resource_type;
