import { createHmac } from 'node:crypto';
import type { Json } from '../model/resource.ts';
import type { Secret } from '../model/http/auth-settings.ts';
import type { Instant } from '../model/ids.ts';
import type { ChannelRules } from './channel-rules.ts';
import type { Channel, ChannelAnswer } from './channel.ts';
import { fillTemplate } from './fill-template.ts';

/** Where a webhook is, and what it gets. */
export interface WebhookSettings {
  readonly url: Secret;
  /** Undefined: requests are not signed. */
  readonly secret: Secret | undefined;
  /** The body, with places for the notification; undefined: the notification as JSON. */
  readonly template: Json | undefined;
}

/** Sends one POST request, once. Never throws because of the server. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly text: string } | { readonly failure: string }>;

/** Opens a connection to the server of a URL and sends no request. Never throws because of the server. */
export type Reach = (url: string, signal: AbortSignal) => Promise<ChannelAnswer>;

/** Of an answer, in UTF-16 units. */
const maxAnswer = 200;

/** A channel that posts JSON. Each status of 2xx accepts a notification. */
export const webhookChannel = (
  rules: ChannelRules,
  settings: WebhookSettings,
  { post, reach }: { readonly post: Post; readonly reach: Reach },
): Channel => ({
  rules,
  check: (signal) => reach(settings.url.reveal(), signal),
  async send(notification, now, signal) {
    const { url, secret, template } = settings;
    const body = JSON.stringify(template === undefined ? notification : fillTemplate(template, notification));
    const signature = secret === undefined ? {} : { [signatureHeader]: signatureOf(secret.reveal(), now, body) };
    return answerOf(await post(url.reveal(), { 'content-type': 'application/json', ...signature }, body, signal));
  },
});

const signatureHeader = 'x-scimsync-signature';

/**
 * The signature of a body: `t=SECONDS,v1=HEX`, the HMAC-SHA256 (RFC 2104) of `SECONDS.BODY`. The receiver refuses an
 * old time, so that no request can be sent twice.
 */
export function signatureOf(secret: string, now: Instant, body: string): string {
  const seconds = Math.floor(now / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

function answerOf(result: Awaited<ReturnType<Post>>): ChannelAnswer {
  if ('failure' in result) return { kind: 'failed', detail: result.failure };
  const { status, text } = result;
  const ending = text.trim().slice(0, maxAnswer);
  const detail = ending === '' ? `${status}` : `${status}: ${ending}`;
  return { kind: status >= 200 && status < 300 ? 'accepted' : 'failed', detail };
}
