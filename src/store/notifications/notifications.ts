import type { Instant } from '../../model/ids.ts';
import type { Incident, IncidentFact, IncidentKind, KnownChannel, Reported } from '../../model/notify/incident.ts';
import type { Db } from '../database.ts';
import type { NotificationView, Notifications } from './notifications-interface.ts';

interface IncidentRow {
  readonly id: number;
  readonly kind: IncidentKind;
  readonly target: string;
  readonly text: string;
  readonly details: string;
  readonly command: string | null;
  readonly opened: Instant;
  readonly closed: Instant | null;
}

interface ChannelRow {
  readonly channel: string;
  readonly since: Instant;
  readonly failures: number;
  readonly nextTry: Instant;
  readonly detail: string;
}

/** The part that reads. */
export function openNotificationView(db: Db): NotificationView {
  return {
    state: () => ({
      incidents: (
        db
          .prepare('select id, event as kind, target, text, details, command, opened, closed from incident order by id')
          .all() as IncidentRow[]
      ).map(incidentOf),
      reported: db.prepare('select incident, change, channel, at from incident_report').all() as Reported[],
      channels: (
        db
          .prepare(
            `select name as channel, since, failures, next_try as nextTry, detail
            from notification_channel
            order by name`,
          )
          .all() as ChannelRow[]
      ).map(channelOf),
    }),
  };
}

/** Opens what is remembered of notifications. */
export function openNotifications(db: Db): Notifications {
  return {
    ...openNotificationView(db),
    open: (fact, at) =>
      void db
        .prepare(
          `insert into incident (event, target, text, details, command, opened)
          values (:kind, :target, :text, :details, :command, :at)`,
        )
        .run({ ...columnsOf(fact), kind: fact.kind, target: fact.target ?? '', at }),
    revise: (incident, fact) =>
      void db
        .prepare('update incident set text = :text, details = :details, command = :command where id = :incident')
        .run({ ...columnsOf(fact), incident }),
    close: (incident, at) => void db.prepare('update incident set closed = ? where id = ?').run(at, incident),
    keepChannels(names, now) {
      const kept = JSON.stringify(names);
      db.prepare('delete from notification_channel where name not in (select value from json_each(?))').run(kept);
      db.prepare('delete from incident_report where channel not in (select value from json_each(?))').run(kept);
      db.prepare(
        `insert into notification_channel (name, since)
        select value, :now from json_each(:kept) where true
        on conflict do nothing`,
      ).run({ kept, now });
    },
    accepted(channel, changes, at) {
      const insert = db.prepare(
        'insert or ignore into incident_report (incident, change, channel, at) values (?, ?, ?, ?)',
      );
      for (const { incident, change } of changes) insert.run(incident, change, channel, at);
      db.prepare(`update notification_channel set failures = 0, next_try = 0, detail = '' where name = ?`).run(channel);
    },
    failed: (channel, { failures, nextTry, detail }) =>
      void db
        .prepare('update notification_channel set failures = ?, next_try = ?, detail = ? where name = ?')
        .run(failures, nextTry, detail, channel),
    forgetBefore: (time) => void db.prepare('delete from incident where closed < ?').run(time),
  };
}

const columnsOf = ({ text, details, command }: IncidentFact) => ({
  text,
  details: JSON.stringify(details),
  command: command ?? null,
});

const incidentOf = ({ target, details, command, closed, ...row }: IncidentRow): Incident => ({
  ...row,
  target: target === '' ? undefined : target,
  details: JSON.parse(details) as string[],
  command: command ?? undefined,
  closed: closed ?? undefined,
});

const channelOf = ({ channel, since, failures, nextTry, detail }: ChannelRow): KnownChannel => ({
  channel,
  since,
  failure: failures === 0 ? undefined : { failures, nextTry, detail },
});
