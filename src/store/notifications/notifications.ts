import type { Instant } from '../../model/ids.ts';
import type { Incident, IncidentFact, IncidentKind, KnownChannel, Reported } from '../../model/notify/incident.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { NotificationView, Notifications } from './notifications-interface.ts';

interface IncidentRow {
  readonly id: number;
  readonly kind: IncidentKind;
  readonly target: string;
  readonly text: string;
  readonly details: string;
  readonly command: string | null;
  readonly stage: number;
  readonly opened: Instant;
  readonly isPending: number;
  readonly worsened: Instant | null;
  readonly closed: Instant | null;
}

interface ChannelRow {
  readonly channel: string;
  readonly since: Instant;
  readonly digestAt: number | null;
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
          .prepare(
            `select id, event as kind, target, text, details, command, stage, opened, is_pending as isPending, worsened,
              closed
            from incident
            order by id`,
          )
          .all() as IncidentRow[]
      ).map(incidentOf),
      reported: db.prepare('select incident, change, channel, at from incident_report').all() as Reported[],
      channels: (
        db
          .prepare(
            `select name as channel, since, digest_at as digestAt, failures, next_try as nextTry, detail
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
  const works = db.prepare(`update notification_channel set failures = 0, next_try = 0, detail = '' where name = ?`);
  return {
    ...openNotificationView(db),
    open: (fact, isPending, at) =>
      void db
        .prepare(
          `insert into incident (event, target, text, details, command, stage, is_pending, opened)
          values (:kind, :target, :text, :details, :command, :stage, :isPending, :at)`,
        )
        .run({ ...columnsOf(fact), kind: fact.kind, target: fact.target ?? '', isPending: Number(isPending), at }),
    confirm: (incident) => void db.prepare('update incident set is_pending = 0 where id = ?').run(incident),
    revise: (incident, fact, worsened) =>
      void db
        .prepare(
          `update incident
          set text = :text, details = :details, command = :command, stage = :stage,
            worsened = coalesce(:worsened, worsened)
          where id = :incident`,
        )
        .run({ ...columnsOf(fact), incident, worsened: worsened ?? null }),
    drop: (incident) => void db.prepare('delete from incident where id = ?').run(incident),
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
        'insert or replace into incident_report (incident, change, channel, at) values (?, ?, ?, ?)',
      );
      for (const { incident, change } of changes) insert.run(incident, change, channel, at);
      works.run(channel);
    },
    digested(channel, at) {
      db.prepare('update notification_channel set digest_at = ? where name = ?').run(at, channel);
      works.run(channel);
    },
    failed: (channel, { failures, nextTry, detail }) =>
      void db
        .prepare('update notification_channel set failures = ?, next_try = ?, detail = ? where name = ?')
        .run(failures, nextTry, detail, channel),
    forgetBefore: (time) => void db.prepare('delete from incident where closed < ?').run(time),
  };
}

const columnsOf = ({ text, details, command, stage }: IncidentFact) => ({
  text,
  stage,
  details: JSON.stringify(details),
  command: command ?? null,
});

const incidentOf = ({ target, details, command, isPending, worsened, closed, ...row }: IncidentRow): Incident => ({
  ...row,
  isPending: isPending === 1,
  worsened: worsened ?? undefined,
  target: target === '' ? undefined : target,
  details: JSON.parse(details) as string[],
  command: command ?? undefined,
  closed: closed ?? undefined,
});

const channelOf = ({ channel, since, digestAt, failures, nextTry, detail }: ChannelRow): KnownChannel => ({
  channel,
  since,
  digestAt: optionalInstant(digestAt),
  failure: failures === 0 ? undefined : { failures, nextTry, detail },
});
