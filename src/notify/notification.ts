import type { Instant } from '../model/ids.ts';
import type { IncidentChange, IncidentKind } from '../model/notify/incident.ts';
import type { Redact } from '../model/redaction/redactor.ts';
import { visibleLine } from '../model/text/visible.ts';
import { formatTime } from '../model/time.ts';
import type { ChannelRules } from './channel-rules.ts';
import { digestTitle, doneLines, openIncidents, type Digest, type DigestSubject, type DoneWork } from './digest.ts';
import { timeOf, type Change } from './due-changes.ts';

/** What a channel gets: one or more changes. It consists of JSON values. */
export interface Notification {
  readonly product: 'scimsync';
  /** The computer. */
  readonly host: string;
  readonly at: string;
  /** One line for all changes. */
  readonly title: string;
  readonly changes: readonly NotifiedChange[];
  /** Changes that are not listed. */
  readonly more: number;
  /** Only in a digest: `changes` are then those since its beginning. */
  readonly digest?: Digest;
}

/** One change, for people and for programs. */
export interface NotifiedChange {
  readonly event: IncidentKind | 'test';
  readonly change: IncidentChange;
  readonly target: string | null;
  readonly at: string;
  readonly text: string;
  readonly details: readonly string[];
  /** What to run now; null: nothing. */
  readonly command: string | null;
}

/** Changes that one notification lists. */
const maxListed = 20;
/** Of one line, in UTF-16 units: an answer of a target can be long. */
const maxLength = 500;
const maxDetails = 20;

/** What a notification depends on besides its changes. */
export interface NotificationContext {
  /** The computer. */
  readonly host: string;
  readonly now: Instant;
  readonly redact: Redact;
}

/** Builds the notification of these changes. */
export function notificationOf(
  changes: readonly Change[],
  { detail }: Pick<ChannelRules, 'detail'>,
  { host, now, redact }: NotificationContext,
): Notification {
  const line = lineWith(redact);
  const listed = changes.slice(0, maxListed).map((change) => notified(change, detail, line));
  return {
    ...{ product: 'scimsync', host, at: formatTime(now) },
    title: titleOf(listed, changes.length),
    changes: listed,
    more: changes.length - listed.length,
  };
}

/** Builds a digest. A channel without targets gets what was done at all of them. */
export function digestNotification(
  { since, open, changes }: DigestSubject,
  work: DoneWork,
  rules: Pick<ChannelRules, 'detail'>,
  context: NotificationContext,
): Notification {
  const digest: Digest = {
    since: formatTime(since),
    open: openIncidents(open, maxListed, lineWith(context.redact)),
    totalOpen: open.length,
    ...work,
  };
  return { ...notificationOf(changes, rules, context), title: digestTitle(digest), digest };
}

/** The notification of `notify --test`. */
export function testNotification({ host, now }: { readonly host: string; readonly now: Instant }): Notification {
  const at = formatTime(now);
  const text = 'This is a test of the notifications of scimsync. Nothing needs to be done.';
  return {
    ...{ product: 'scimsync', host, at, title: text, more: 0 },
    changes: [{ event: 'test', change: 'opened', target: null, at, text, details: [], command: null }],
  };
}

/** The notification as text, one line per fact. */
export function textOf({ title, changes, more, digest }: Notification): string {
  const listed = [
    ...changes.flatMap(({ text, details, command }) => [
      text,
      ...details.map((line) => `  ${line}`),
      ...(command === null ? [] : [`  Run: ${command}`]),
    ]),
    ...(more === 0 ? [] : [`And ${more} more: run "scimsync status".`]),
  ];
  return (digest === undefined ? listed : digestLines(title, digest, listed)).join('\n');
}

function digestLines(title: string, digest: Digest, changes: readonly string[]): readonly string[] {
  const { open, totalOpen } = digest;
  const more = totalOpen - open.length;
  return [
    title,
    ...(open.length === 0 ? [] : ['', 'Open:']),
    ...open.flatMap(({ text, since, command }) => [
      `  ${text} (since ${since})`,
      ...(command === null ? [] : [`    Run: ${command}`]),
    ]),
    ...(more === 0 ? [] : [`  And ${more} more: run "scimsync status".`]),
    ...(changes.length === 0 ? [] : ['', 'Began or ended since the last digest:']),
    ...changes.map((line) => `  ${line}`),
    '',
    ...doneLines(digest),
  ];
}

function notified(change: Change, detail: ChannelRules['detail'], line: (text: string) => string): NotifiedChange {
  const { incident } = change;
  const isOver = change.change === 'closed';
  const since = `since ${formatTime(incident.opened)}`;
  return {
    ...{ event: incident.kind, change: change.change, target: incident.target ?? null },
    at: formatTime(timeOf(change)),
    text: line(textOfChange(change, since)),
    details: isOver || detail === 'counts' ? [] : incident.details.slice(0, maxDetails).map(line),
    command: isOver || incident.command === undefined ? null : line(incident.command),
  };
}

function textOfChange({ incident: { text }, change }: Change, since: string): string {
  switch (change) {
    case 'opened':
      return text;
    case 'worsened':
      return `Worse: ${text} (${since})`;
    case 'closed':
      return `Over: ${text} (${since})`;
  }
}

const lineWith =
  (redact: Redact) =>
  (text: string): string =>
    cut(visibleLine(redact(text), false));

const titleOf = ([first]: readonly NotifiedChange[], total: number): string =>
  total === 1 ? (first?.text ?? '') : `${first?.text ?? ''} (and ${total - 1} more)`;

const cut = (text: string): string => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);
