import type { Instant } from '../model/ids.ts';
import type { IncidentKind } from '../model/notify/incident.ts';
import type { Redact } from '../model/redaction/redactor.ts';
import { visibleLine } from '../model/text/visible.ts';
import { formatTime } from '../model/time.ts';
import type { ChannelRules } from './channel-rules.ts';
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
}

/** One change, for people and for programs. */
export interface NotifiedChange {
  readonly event: IncidentKind | 'test';
  readonly change: 'opened' | 'closed';
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

/** Builds the notification of these changes. */
export function notificationOf(
  changes: readonly Change[],
  { detail }: Pick<ChannelRules, 'detail'>,
  { host, now, redact }: { readonly host: string; readonly now: Instant; readonly redact: Redact },
): Notification {
  const line = (text: string): string => cut(visibleLine(redact(text), false));
  const listed = changes.slice(0, maxListed).map((change) => notified(change, detail, line));
  return {
    ...{ product: 'scimsync', host, at: formatTime(now) },
    title: titleOf(listed, changes.length),
    changes: listed,
    more: changes.length - listed.length,
  };
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
export function textOf({ changes, more }: Notification): string {
  return [
    ...changes.flatMap(({ text, details, command }) => [
      text,
      ...details.map((line) => `  ${line}`),
      ...(command === null ? [] : [`  Run: ${command}`]),
    ]),
    ...(more === 0 ? [] : [`And ${more} more: run "scimsync status".`]),
  ].join('\n');
}

function notified(change: Change, detail: ChannelRules['detail'], line: (text: string) => string): NotifiedChange {
  const { incident } = change;
  const isOver = change.change === 'closed';
  const since = `since ${formatTime(incident.opened)}`;
  return {
    ...{ event: incident.kind, change: change.change, target: incident.target ?? null },
    at: formatTime(timeOf(change)),
    text: line(isOver ? `Over: ${incident.text} (${since})` : incident.text),
    details: isOver || detail === 'counts' ? [] : incident.details.slice(0, maxDetails).map(line),
    command: isOver || incident.command === undefined ? null : line(incident.command),
  };
}

const titleOf = ([first]: readonly NotifiedChange[], total: number): string =>
  total === 1 ? (first?.text ?? '') : `${first?.text ?? ''} (and ${total - 1} more)`;

const cut = (text: string): string => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);
