-- Incidents that begin after a time, and incidents that become worse -------------------------------------------------

-- 1: seen since `opened`, and not long enough to be an incident yet.
alter table incident add column is_pending integer not null default 0;
-- How bad it is, from 0 on; and when that last rose. Null: it did not.
alter table incident add column stage integer not null default 0;
alter table incident add column worsened integer;

create table incident_report_2 (
  incident integer not null references incident (id) on delete cascade,
  change text not null check (change in ('opened', 'worsened', 'closed')),
  channel text not null,
  at integer not null,
  primary key (incident, change, channel)
) strict, without rowid;
insert into incident_report_2 (incident, change, channel, at)
select incident, change, channel, at from incident_report;
drop table incident_report;
alter table incident_report_2 rename to incident_report;

-- When the channel accepted its last digest; null: none yet.
alter table notification_channel add column digest_at integer;
