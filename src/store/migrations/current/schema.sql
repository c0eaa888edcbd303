-- What all migrations lead to. Written by scripts/state-schema.mjs; change it by a migration.

pragma application_id = 1935894893;

CREATE TABLE reading (
  id integer primary key check (id = 1),
  number integer not null,
  at integer not null,
  fingerprint text not null,
  signature text not null,
  columns text not null,
  rejected integer not null
, bookmark text, completed integer not null default 0, facts text, memberships integer, manager_rules text, managers integer not null default 0, login_rules text);

CREATE TABLE "source_membership" (
  id integer primary key,
  group_key text not null,
  member_key text not null,
  digest blob,
  changed_in integer not null,
  removed_in integer,
  unique (group_key, member_key)
);

CREATE TABLE target (
  id integer primary key,
  name text not null unique,
  -- The last reading that was derived and compared completely, and by which rules.
  planned_reading integer not null default 0,
  rules_fingerprint text not null default '',
  discovery text,
  listed integer
, url text, leavers_unmatched integer not null default 0, samples text, learned_under text, discovery_read_at integer, loaded_at integer, planned_at integer, forgotten_at integer, restored_at integer);

CREATE TABLE account (
  id integer primary key,
  target integer not null references target (id),
  resource_type text not null check (resource_type in ('User', 'Group')),
  key text not null,
  remote_id text not null,
  body text not null,
  -- userName or displayName in lower case, to find the account that holds a name which another record needs.
  name text not null,
  active integer not null,
  inactive_since integer,
  version text,
  -- The person that this account's manager reference points to, by key.
  manager text,
  origin text not null check (origin in ('created', 'adopted')),
  -- Paths whose last change was never answered, as a JSON list.
  in_doubt text,
  changed_at integer not null, missing_since integer, deletion_refused_at integer, may_have_duplicates integer not null default 0, is_emptied integer not null default 0, unproven_removals integer not null default 0, awaits_start integer not null default 0,
  unique (target, resource_type, key)
);

CREATE INDEX account_by_name on account (target, resource_type, name);

CREATE INDEX account_by_remote_id on account (target, resource_type, remote_id);

CREATE INDEX account_by_manager on account (target, manager) where manager is not null;

CREATE INDEX account_in_doubt on account (target) where in_doubt is not null;

CREATE INDEX account_by_inactivity on account (target, inactive_since) where inactive_since is not null;

CREATE TABLE membership (
  target integer not null references target (id),
  group_key text not null,
  member_type text not null,
  member_key text not null,
  primary key (target, group_key, member_type, member_key)
) without rowid;

CREATE INDEX membership_by_member on membership (target, member_type, member_key);

CREATE TABLE "requeue" (
  target integer not null references target (id),
  resource_type text not null,
  key text not null,
  -- 1: raised by an answer of the running pass, so that the same pass looks at it once more.
  this_pass integer not null default 0,
  -- 1: a create was sent and never answered; it is looked up before it is sent again.
  verify_first integer not null default 0,
  primary key (target, resource_type, key)
) without rowid;

CREATE TABLE "requeue_membership" (
  target integer not null references target (id),
  group_key text not null,
  member_key text not null,
  this_pass integer not null default 0,
  -- 1: a change was sent and got no response, so it is not known whether the target has the membership.
  in_doubt integer not null default 0,
  primary key (target, group_key, member_key)
) without rowid;

CREATE TABLE "pending_manager" (
  target integer not null references target (id),
  key text not null,
  manager text not null,
  primary key (target, key)
) without rowid;

CREATE TABLE pass (
  id integer primary key,
  command text not null,
  started integer not null,
  ended integer,
  reading integer,
  result text,
  note text
, is_operator_action integer not null default 0, judgements text, operator text, host text);

CREATE TABLE pass_target (
  pass integer not null references pass (id),
  target integer not null references target (id),
  summary text not null,
  primary key (pass, target)
) without rowid;

CREATE TABLE operation (
  id integer primary key,
  pass integer not null references pass (id),
  target integer not null references target (id),
  round integer not null,
  -- The phase (see plan/phases.ts), then the order of renames and managers inside a phase.
  phase integer not null,
  wave integer not null default 0,
  action text not null,
  resource_type text not null,
  key text not null,
  name text not null,
  reason text not null,
  earlier_edits text,
  earlier_body text,
  -- The manager that the body points to, by key: creates run managers first.
  refers_to text,
  is_rename integer not null default 0,
  state text not null default 'planned'
    check (state in ('planned', 'held', 'sent', 'done', 'adopted', 'failed', 'unknown', 'skipped')),
  status integer,
  detail text,
  requests integer not null default 0,
  retries integer not null default 0,
  sent_at integer,
  answered_at integer
, is_recreation integer not null default 0, evidence text check (evidence in ('answered', 'shown', 'read')), approval integer references approval (id), ended_memberships integer not null default 0, waits_for text, is_start integer not null default 0, since integer, repeats integer, verified_at integer, looked_at integer);

CREATE INDEX operation_by_pass on operation (pass, target, round, phase, wave);

CREATE TABLE operation_member (
  operation integer not null references operation (id),
  resource_type text not null,
  key text not null,
  removed integer not null, cause text,
  primary key (operation, removed, resource_type, key)
) without rowid;

CREATE INDEX operation_member_by_key on operation_member (key);

CREATE TABLE note (
  pass integer not null references pass (id),
  target integer not null references target (id),
  resource_type text not null,
  key text not null,
  name text not null,
  text text not null,
  -- 1: the operator must correct something.
  problem integer not null
, since integer);

CREATE INDEX note_by_pass on note (pass, target);

CREATE TABLE holder (
  id integer primary key check (id = 1),
  pid integer not null,
  host text not null,
  command text not null,
  since integer not null
);

CREATE TABLE "record" (
  id integer primary key,
  resource_type text not null check (resource_type in ('User', 'Group', 'Nested')),
  key text not null,
  active integer not null,
  attributes text not null,
  digest blob,
  changed_in integer not null,
  removed_in integer,
  valid_to integer, signs text, valid_from integer, zone text,
  unique (resource_type, key)
);

CREATE INDEX record_by_change on record (changed_in);

CREATE INDEX record_by_digest on record (resource_type, digest) where digest is not null;

CREATE INDEX record_present on record (resource_type, id, digest) where removed_in is null;

CREATE TABLE handle (
  id integer primary key,
  text text not null unique
);

CREATE TABLE "handle_owner" (
  handle integer not null,
  record integer not null,
  primary key (handle, record)
) without rowid;

CREATE TABLE reference (
  record integer not null,
  relation text not null,
  handle integer not null,
  primary key (record, relation, handle)
) without rowid;

CREATE INDEX reference_by_handle on reference (handle, relation);

CREATE TABLE "recently_renamed" (
  handle integer primary key,
  at integer not null
);

CREATE INDEX source_membership_by_change on source_membership (changed_in);

CREATE INDEX source_membership_by_digest on source_membership (digest) where digest is not null;

CREATE INDEX handle_owner_by_record on handle_owner (record);

CREATE INDEX requeue_membership_in_doubt on requeue_membership (target, member_key) where in_doubt = 1;

CREATE INDEX pending_manager_by_manager on pending_manager (target, manager);

CREATE TABLE former_target_name (
  name text primary key,
  target integer not null references target (id)
) without rowid;

CREATE TABLE verification (
  id integer primary key,
  target integer not null references target (id),
  resource_type text not null,
  key text not null,
  operation integer not null references operation (id),
  remote_id text not null,
  look integer not null check (look in (1, 2)),
  not_before integer not null, unproven_removals integer not null default 0, is_seen integer not null default 0, external_id text, may_have_duplicates integer not null default 0,
  unique (target, resource_type, key)
);

CREATE INDEX verification_by_time on verification (target, look, not_before);

CREATE TABLE retry (
  target integer not null references target (id),
  resource_type text not null,
  key text not null,
  member_key text not null default '',
  -- Failures in a row.
  failures integer not null,
  -- The next try: in the pass with this number, or at this time if it is earlier.
  next_pass integer not null,
  next_at integer not null,
  primary key (target, resource_type, key, member_key)
) without rowid;

CREATE INDEX retry_by_member on retry (target, member_key) where member_key <> '';

CREATE TABLE learned_fact (
  target integer not null references target (id),
  fact text not null,
  subject text not null,
  -- HTTP status of the last refusal. Null: a read showed that an accepted write had no effect.
  status integer,
  resource text not null,
  resources integer not null check (resources in (1, 2)),
  passes integer not null,
  pass integer not null,
  learned_at integer not null,
  confirmed_at integer not null,
  primary key (target, fact, subject)
) without rowid;

CREATE TABLE sent_request (
  target integer not null references target (id),
  quota text not null,
  interval_start integer not null,
  requests integer not null,
  primary key (target, quota, interval_start)
) without rowid;

CREATE INDEX operation_unanswered on operation (target) where state = 'unknown';

CREATE TABLE rejected_row (
  id integer primary key,
  part text not null,
  line integer not null,
  key text,
  reason text not null,
  digest blob not null,
  since integer not null
);

CREATE TABLE record_in_doubt (
  record integer primary key references record (id),
  since integer not null,
  line integer not null,
  is_absent integer not null,
  -- userName or displayName, for messages.
  name text not null
);

CREATE TABLE membership_in_doubt (
  membership integer primary key references source_membership (id),
  since integer not null,
  line integer not null
);

CREATE TABLE approval (
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

CREATE INDEX approval_by_pass on approval (pass) where pass is not null;

CREATE INDEX approval_open on approval (target) where pass is null;

CREATE TABLE orphan (
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

CREATE INDEX operation_by_name_holder on operation (pass, target) where waits_for is not null;

CREATE TABLE ambiguous_handle (
  handle integer primary key
);

CREATE TABLE group_role (
  target integer not null references target (id),
  group_key text not null,
  role text not null,
  primary key (target, group_key)
) without rowid;

CREATE INDEX record_without_access on record (key)
  where resource_type = 'User' and (removed_in is not null or active = 0);

CREATE TABLE "former_key" (
  resource_type text not null check (resource_type in ('User', 'Group')),
  key text not null,
  now_key text not null,
  at integer not null,
  primary key (resource_type, key)
) without rowid;

CREATE INDEX record_by_valid_from on record (valid_from) where valid_from is not null;

CREATE INDEX record_by_valid_to on record (valid_to) where valid_to is not null;

CREATE TABLE leaver_look_up (
  target integer not null references target (id),
  key text not null,
  -- The last pass that looked the user up.
  pass integer not null,
  -- Whether the target answered it. A user whose look-up was answered is not looked up again.
  is_answered integer not null,
  primary key (target, key)
) without rowid;

CREATE TABLE "key_change" (
  -- 'User' or 'Group': a user and a group may have equal keys.
  resource_type text not null default 'User',
  -- Both keys are equal where the key names another person than before.
  from_key text not null,
  to_key text not null,
  -- The userName or e-mail address that both users have, or the displayName that both groups have. Of a reused key: the
  -- userName or name of the person whom it names now.
  name text not null,
  reason text not null,
  since integer not null,
  -- pending: no operator decided yet; different: an operator stated that they are two people; same: an operator stated
  -- that a reused key names the same person as before, which the next complete reading takes into account.
  state text not null default 'pending' check (state in ('pending', 'different', 'same')),
  primary key (resource_type, from_key, to_key)
) without rowid;

CREATE UNIQUE INDEX key_change_pending on key_change (resource_type, to_key) where state = 'pending';

CREATE TABLE unique_value (
  target integer not null references target (id),
  resource_type text not null check (resource_type in ('User', 'Group')),
  key text not null,
  path text not null,
  value text not null,
  folded text not null,
  primary key (target, resource_type, key, path)
) without rowid;

CREATE UNIQUE INDEX unique_value_by_value on unique_value (target, resource_type, path, folded);

CREATE TABLE refused_value (
  target integer not null references target (id),
  resource_type text not null check (resource_type in ('User', 'Group')),
  key text not null,
  path text not null,
  folded text not null,
  refused_at integer not null,
  primary key (target, resource_type, key, path, folded)
) without rowid;

CREATE INDEX orphan_by_name on orphan (target, name) where external_id is not null;

CREATE TABLE pause (
  id integer primary key,
  target integer not null references target (id),
  since integer not null,
  operator text not null,
  host text not null,
  -- Null: the operator gave none.
  reason text,
  ended integer,
  ended_by text,
  ended_host text
);

CREATE UNIQUE INDEX pause_open on pause (target) where ended is null;

CREATE TABLE freeze (
  id integer primary key,
  key text not null,
  name text not null,
  since integer not null,
  operator text not null,
  host text not null,
  reason text not null,
  until integer,
  ended integer,
  ended_by text,
  ended_host text
);

CREATE UNIQUE INDEX freeze_open on freeze (key) where ended is null;

CREATE INDEX freeze_by_end on freeze (ended) where ended is not null;

CREATE TABLE joined_source (
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
, groups_reading integer not null default 0, groups_signature text not null default '', used_group_attributes text, unjoined_members integer not null default 0);

CREATE TABLE join_value (
  source integer not null references joined_source (id),
  side text not null check (side in ('primary', 'joined')),
  key text not null,
  value text,
  primary key (source, side, key)
) without rowid;

CREATE INDEX join_value_by_value on join_value (source, value, side) where value is not null;

CREATE TABLE joined_user (
  source integer not null references joined_source (id),
  key text not null,
  state text not null check (state in ('joined', 'missing', 'ambiguous')),
  -- The join value.
  value text,
  joined_key text,
  attributes text not null default '{}',
  primary key (key, source)
) without rowid;

CREATE INDEX joined_user_ambiguous on joined_user (source, value) where state = 'ambiguous';

CREATE INDEX joined_user_by_record on joined_user (source, joined_key) where joined_key is not null;

CREATE TABLE target_total (
  target integer primary key references target (id) on delete cascade,
  users integer not null default 0,
  inactive_users integer not null default 0,
  -- Groups that were not emptied.
  groups integer not null default 0,
  memberships integer not null default 0
);

CREATE TRIGGER target_totals after insert on target begin
  insert into target_total (target) values (new.id);
end;

CREATE TRIGGER membership_added after insert on membership begin
  update target_total set memberships = memberships + 1 where target = new.target;
end;

CREATE TRIGGER membership_removed after delete on membership begin
  update target_total set memberships = memberships - 1 where target = old.target;
end;

CREATE TRIGGER account_added after insert on account begin
  update target_total
  set users = users + (new.resource_type = 'User'), inactive_users = inactive_users + (new.inactive_since is not null),
    groups = groups + (new.resource_type = 'Group' and new.is_emptied = 0)
  where target = new.target;
end;

CREATE TRIGGER account_removed after delete on account begin
  update target_total
  set users = users - (old.resource_type = 'User'), inactive_users = inactive_users - (old.inactive_since is not null),
    groups = groups - (old.resource_type = 'Group' and old.is_emptied = 0)
  where target = old.target;
end;

CREATE TRIGGER account_changed after update of inactive_since, is_emptied on account
when (old.inactive_since is null) <> (new.inactive_since is null) or old.is_emptied <> new.is_emptied begin
  update target_total
  set inactive_users = inactive_users + (new.inactive_since is not null) - (old.inactive_since is not null),
    groups = groups + (new.resource_type = 'Group') * (old.is_emptied - new.is_emptied)
  where target = new.target;
end;

CREATE INDEX source_membership_by_member on source_membership (member_key, removed_in, group_key);

CREATE INDEX orphan_unowned_by_name on orphan (target, name) where external_id is null;

CREATE TABLE lane (
  target integer primary key references target (id),
  state text not null check (state in ('busy', 'quarantined')),
  since integer not null,
  -- Quarantined: when the target is tried again. Busy: it asked for no request before; null: it asked for no pause.
  until integer,
  -- Busy: the pass that it works for.
  pass integer,
  -- Quarantined: why the last try failed.
  reason text
);

CREATE TABLE notice (
  id integer primary key autoincrement,
  at integer not null,
  command text not null check (command in ('pause', 'resume', 'freeze', 'unfreeze', 'approve')),
  target text
);

CREATE TABLE manager_name (
  record integer not null,
  name text not null,
  primary key (record, name)
) without rowid;

CREATE INDEX manager_name_by_name on manager_name (name);

CREATE TABLE "unresolved_reference" (
  relation text not null check (relation in ('members', 'groups', 'managers')),
  name text not null,
  reference_count integer not null,
  primary key (relation, name)
) without rowid;

CREATE TABLE source_block (
  id integer primary key,
  part text not null,
  digest blob not null,
  -- The number of lines in the block, for the line numbers of later rows.
  lines integer not null,
  -- The ids of the rows, encoded as src/store/mirror/blocks/row-ids.ts states.
  rows blob not null,
  unique (part, digest)
);

CREATE TABLE changed_row (
  row_type text not null check (row_type in ('record', 'membership')),
  id integer not null,
  primary key (row_type, id)
) without rowid;

CREATE TRIGGER record_digest_changed after update of digest, removed_in on record
when old.digest is not new.digest or old.removed_in is not new.removed_in begin
  insert into changed_row (row_type, id)
  select 'record', new.id
  where not exists (select 1 from changed_row where row_type = 'record' and id = new.id);
end;

CREATE TRIGGER record_deleted after delete on record begin
  insert into changed_row (row_type, id)
  select 'record', old.id
  where not exists (select 1 from changed_row where row_type = 'record' and id = old.id);
end;

CREATE TRIGGER source_membership_digest_changed after update of digest, removed_in on source_membership
when old.digest is not new.digest or old.removed_in is not new.removed_in begin
  insert into changed_row (row_type, id)
  select 'membership', new.id
  where not exists (select 1 from changed_row where row_type = 'membership' and id = new.id);
end;

CREATE TRIGGER source_membership_deleted after delete on source_membership begin
  insert into changed_row (row_type, id)
  select 'membership', old.id
  where not exists (select 1 from changed_row where row_type = 'membership' and id = old.id);
end;

CREATE INDEX operation_by_key on operation (key);

CREATE INDEX operation_by_name on operation (lower(name)) where state not in ('done', 'adopted');

CREATE INDEX pass_by_end on pass (ended);

CREATE INDEX pass_by_start on pass (started);

CREATE INDEX pass_target_by_target on pass_target (target, pass);

CREATE TABLE former_value (
  folded text not null,
  resource_type text not null,
  key text not null,
  pass integer not null,
  primary key (folded, resource_type, key)
) without rowid;

CREATE INDEX former_value_by_pass on former_value (pass);

CREATE TRIGGER account_renamed after update of name on account
when old.name <> new.name and old.name <> ''
begin
  insert into former_value (folded, resource_type, key, pass)
  values (old.name, old.resource_type, old.key, (select coalesce(max(id), 0) from pass))
  on conflict do update set pass = excluded.pass;
end;

CREATE TRIGGER account_values_removed after delete on account
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

CREATE TABLE operation_payload (
  operation integer primary key references operation (id) on delete cascade,
  edits text,
  body text
);

CREATE TABLE payload_block (
  first_operation integer primary key,
  last_operation integer not null,
  content blob not null
);

CREATE INDEX note_by_record on note (key);

CREATE INDEX operation_without_effect on operation (pass) where state in ('held', 'skipped', 'failed');

CREATE INDEX operation_by_approval on operation (approval) where approval is not null;

CREATE INDEX verification_by_operation on verification (operation);

CREATE INDEX record_by_removal on record (removed_in) where removed_in is not null;

CREATE INDEX source_membership_by_removal on source_membership (removed_in) where removed_in is not null;

CREATE TABLE retention_mark (
  step text primary key,
  mark integer not null
) without rowid;

CREATE TABLE new_user_login (
  record integer not null,
  login text not null,
  primary key (record, login)
) without rowid;

CREATE INDEX new_user_login_by_login on new_user_login (login);

CREATE TABLE unread_new_user (record integer primary key);

CREATE TRIGGER account_of_new_user after insert on account when new.resource_type = 'User' begin
  delete from new_user_login where record = (select id from record where resource_type = 'User' and key = new.key);
  delete from unread_new_user where record = (select id from record where resource_type = 'User' and key = new.key);
end;

CREATE TRIGGER account_lost after delete on account when old.resource_type = 'User' begin
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

CREATE TABLE draft (
  pass integer not null references pass (id),
  target integer not null references target (id),
  round integer not null,
  last_note integer not null,
  primary key (pass, target, round)
) without rowid;

CREATE TRIGGER account_values_changed after update of body on account
when old.body <> new.body
begin
  insert into former_value (folded, resource_type, key, pass)
  select lower(b.atom), old.resource_type, old.key, (select coalesce(max(id), 0) from pass)
  from json_tree(old.body) b
  where b.type = 'text'
    and json_extract(new.body, b.fullkey) is not b.atom
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
  on conflict do update set pass = excluded.pass;
end;

CREATE INDEX operation_update on operation (pass) where action = 'update';

CREATE TABLE drift (
  id integer primary key,
  target integer not null references target (id),
  difference text not null
    check (difference in ('reactivated', 'changed', 'memberAdded', 'memberRemoved', 'deleted', 'twin')),
  resource_type text not null,
  key text not null,
  name text not null,
  -- The account that was read; of a duplicate, the second account.
  remote_id text not null,
  -- The attribute of a change; '' otherwise.
  path text not null,
  -- The member of a membership: its id at the target, and its record; null: no record owns it.
  member_id text not null default '',
  member_type text,
  member_key text,
  -- Values as JSON.
  acknowledged text not null,
  shown text not null,
  -- What the configuration asks for, and why it is not done.
  policy text not null check (policy in ('repair', 'report')),
  held text,
  found_at integer not null,
  seen_at integer not null,
  -- When the snapshot took over the shown value, so that a plan repairs it.
  repair_at integer,
  closed_at integer
);

CREATE INDEX drift_by_record on drift (target, resource_type, key) where closed_at is null;

CREATE INDEX drift_by_key on drift (key);

CREATE INDEX drift_by_end on drift (closed_at) where closed_at is not null;

CREATE TABLE drift_check (
  target integer primary key references target (id),
  position text not null
);

CREATE TABLE drift_seen (
  target integer not null references target (id),
  account integer not null,
  primary key (target, account)
) without rowid;

CREATE TABLE chain_entry (
  seq integer primary key,
  content blob not null,
  hash blob not null
);

CREATE TABLE incident (
  id integer primary key,
  event text not null,
  -- The name; '': it concerns a source.
  target text not null,
  text text not null,
  -- Lines as a JSON list.
  details text not null,
  command text,
  opened integer not null,
  -- Null: it lasts.
  closed integer
, is_pending integer not null default 0, stage integer not null default 0, worsened integer) strict;

CREATE UNIQUE INDEX incident_open on incident (event, target) where closed is null;

CREATE TABLE notification_channel (
  name text primary key,
  since integer not null,
  -- Deliveries in a row that failed; 0: the last one was accepted, or there was none.
  failures integer not null default 0,
  next_try integer not null default 0,
  detail text not null default ''
, digest_at integer) strict, without rowid;

CREATE TABLE deleted_account (
  operation integer primary key references operation (id) on delete cascade,
  body text not null
) strict;

CREATE TABLE deleted_membership (
  operation integer not null references operation (id) on delete cascade,
  group_key text not null,
  member_type text not null,
  member_key text not null,
  primary key (operation, group_key, member_type, member_key)
) strict, without rowid;

CREATE INDEX deleted_membership_by_group on deleted_membership (group_key);

CREATE TABLE "incident_report" (
  incident integer not null references incident (id) on delete cascade,
  change text not null check (change in ('opened', 'worsened', 'closed')),
  channel text not null,
  at integer not null,
  primary key (incident, change, channel)
) strict, without rowid;
