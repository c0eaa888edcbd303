import type { Clock, Random } from '../model/world.ts';
import { addressesOf, placed } from './address.ts';
import type { Effort } from './addressed.ts';
import type { Credentials, Headers } from './auth.ts';
import type { Dialect } from './dialect.ts';
import { openHaste } from './haste.ts';
import type { Health } from './health.ts';
import {
  replyOf,
  type Answer,
  type HttpRequest,
  type NotSent,
  type Reply,
  type ScimRequest,
  type Send,
  type Sent,
  type Withheld,
} from './message.ts';
import { decide } from './response.ts';
import { retry } from './retry.ts';
import { retryAfter } from './retry-after.ts';
import type { Throttle } from './throttle.ts';
import type { Counted, Windows } from './windows.ts';

/** How requests of one target reach it: at its pace, with its credentials, with patience. */
export interface Exchange {
  /**
   * One attempt. Waits for its turn and through 429, and renews a token once; anything else is the caller's to judge.
   *
   * @param taken whether an answer means something else here than it usually does: 429 for a conflict
   */
  once(request: ScimRequest, effort: Effort, taken?: (reply: Reply) => boolean): Promise<Answer>;
  /** As often as it takes and `retry` allows. Only for what may be said twice. */
  insist(request: ScimRequest, effort: Effort): Promise<Answer>;
  /** Waits before the attempt after `attempt`, if there is to be one. */
  waitAfter(answer: Answer, attempt: number, effort: Effort): Promise<boolean>;
}

export interface ExchangeSettings {
  readonly url: string;
  readonly dialect: Dialect;
}

export interface ExchangeIo {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
  readonly throttle: Throttle;
  readonly windows: Windows;
  readonly credentials: Credentials;
  readonly health: Health;
  readonly counters: { requests: number; retries: number };
  /** Aborted when the target is closed: then even what is in flight is given up. */
  readonly closed: AbortSignal;
}

export function openExchange({ url, dialect }: ExchangeSettings, io: ExchangeIo): Exchange {
  const { clock, random, throttle, credentials, health, counters, closed } = io;
  const urlOf = addressesOf(url);
  const haste = openHaste(random);

  async function once(
    request: ScimRequest,
    effort: Effort,
    taken: (reply: Reply) => boolean = () => false,
  ): Promise<Answer> {
    for (let renewals = 0; ;) {
      const counted = await admitted(request, effort);
      if ('kind' in counted) return counted;
      const headers = await credentials.headers(closed);
      if (isFailure(headers)) return headers;
      const leave = await throttle.leave(effort.priority, effort.signal).catch(() => undefined);
      if (leave === undefined) return stopped;
      counted.sent(leave.at);
      effort.sentAt ??= leave.at;
      effort.requests += 1;
      counters.requests += 1;
      const answer = inOurWords(discreet(await io.send(httpRequest(request, headers), closed), credentials), dialect);
      leave.answered();
      if (answer.kind !== 'reply' || taken(answer)) return answer;
      if (answer.status === 401 && renewals === 0 && credentials.renew(headers)) renewals += 1;
      else if (!pausedBy(answer, leave.at)) return answer;
      effort.retries += 1;
      counters.retries += 1;
    }
  }

  /** Waits until the target's limits over longer times have room for it. */
  async function admitted(request: ScimRequest, effort: Effort): Promise<Counted | Withheld> {
    if (health.unavailable !== undefined) return withheld(health.unavailable);
    const counted = await io.windows.enter(request, effort.priority, effort.signal).catch(() => stopped);
    if ('tooLong' in counted) health.giveUp(counted.tooLong);
    // It may have been given up meanwhile.
    return 'tooLong' in counted || health.unavailable !== undefined ? withheld(health.unavailable ?? '') : counted;
  }

  /** Whether the whole target was paused because of this answer, so that it is to be asked once more. */
  function pausedBy(answer: Reply, sentAt: Parameters<typeof haste.pauseAfter>[1]): boolean {
    const now = clock.now();
    const isThrottled = decide(answer) === 'wait';
    if (!isThrottled) {
      health.answered();
      if (decide(answer) === 'accept') haste.over();
      // 503 with Retry-After asks for the same as 429, but is no promise that the request will be welcome then.
      if (decide(answer) !== 'again' || retryAfter(answer, now) === undefined) return false;
    }
    const pause = haste.pauseAfter(answer, sentAt, now);
    if ('tooLong' in pause) health.giveUp(pause.tooLong);
    else throttle.pauseUntil(pause.until);
    return isThrottled && health.throttled(now);
  }

  function httpRequest(request: ScimRequest, credentialHeaders: Headers): HttpRequest {
    const headers = {
      accept: 'application/scim+json, application/json;q=0.9',
      ...(request.body === undefined ? {} : { 'content-type': dialect.contentType }),
      ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
      ...dialect.headers,
      ...credentialHeaders,
    };
    const { filter, ...query } = request.query ?? {};
    const asked = filter === undefined ? query : { filter: dialect.filter(filter), ...query };
    const body = request.body === undefined ? {} : { body: dialect.write(request.body) };
    return { method: request.method, url: urlOf(placed(request.path, dialect.endpoints), asked), headers, ...body };
  }

  async function waitAfter(answer: Answer, attempt: number, effort: Effort): Promise<boolean> {
    const next = retry(decide(answer), attempt, random);
    if (next === 'stop' || health.unavailable !== undefined) return false;
    const waited = await clock.sleep(next.wait, effort.signal).then(
      () => true,
      () => false,
    );
    if (!waited) return false;
    effort.retries += 1;
    counters.retries += 1;
    return true;
  }

  return insisting({ once, waitAfter });
}

/** An exchange of single attempts that also repeats them. */
export function insisting({ once, waitAfter }: Pick<Exchange, 'once' | 'waitAfter'>): Exchange {
  return {
    once,
    waitAfter,
    async insist(request, effort) {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await once(request, effort);
        if (!(await waitAfter(answer, attempt, effort))) return answer;
      }
    },
  };
}

const withheld = (detail: string): Withheld => ({ kind: 'withheld', because: 'unavailable', detail });

const stopped: Withheld = {
  kind: 'withheld',
  because: 'stopped',
  detail: 'stopped before it was sent; the next pass finds it again',
};

function isFailure(headers: Headers | NotSent | Withheld): headers is NotSent | Withheld {
  return headers['kind'] === 'notSent' || headers['kind'] === 'withheld';
}

function inOurWords(sent: Sent, { read }: Dialect): Sent {
  if (sent.kind !== 'reply') return sent;
  const text = read(sent.text);
  return text === sent.text ? sent : replyOf(sent.status, sent.headers, text);
}

/** Some servers quote the credentials that they refuse; they must not reach a journal that way. */
function discreet(sent: Sent, credentials: Credentials): Sent {
  if (sent.kind === 'reply' && sent.status < 300) return sent;
  const clean = (text: string): string =>
    credentials.secrets().reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '•••')), text);
  return sent.kind === 'reply'
    ? replyOf(sent.status, sent.headers, clean(sent.text))
    : { ...sent, detail: clean(sent.detail) };
}
