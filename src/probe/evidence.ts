import type { Instant } from '../model/ids.ts';
import { isoTime } from '../model/time.ts';
import type { HttpRequest, Send, Sent } from '../scim/message.ts';

/** One request with what came of it, as it went over the wire. */
export interface Exchanged {
  readonly at: Instant;
  readonly request: HttpRequest;
  readonly sent: Sent;
}

/** Sees every request that goes to the target; what goes elsewhere (for a token) is none of the evidence. */
export function recordingTo(
  record: (exchanged: Exchanged) => void,
  base: string,
  now: () => Instant,
): (send: Send) => Send {
  const { origin, pathname } = new URL(base);
  const root = `${origin}${pathname.replace(/\/+$/, '')}/`;
  return (send) => async (request, signal) => {
    const at = now();
    const sent = await send(request, signal);
    if (request.url.startsWith(root)) record({ at, request, sent });
    return sent;
  };
}

const worthKeeping = /^(content-type|etag|location|retry-after|allow|link|x-?ratelimit|x-rate-limit|ratelimit)/;
const longestText = 20_000;
const hidden = '•••';

/**
 * The evidence as JSON lines, in which no secret stands and nobody whom the probe did not make.
 *
 * @param redact hides the secrets of the configuration
 * @param isOurs whether a row of a list is a canary's
 */
export function evidenceLines(
  exchanges: readonly Exchanged[],
  base: string,
  redact: (text: string) => string,
  isOurs: (row: unknown) => boolean,
): readonly string[] {
  const { origin, pathname, search } = new URL(base);
  const root = `${origin}${pathname.replace(/\/+$/, '')}`;
  // A base URL's own query may be a key to the door.
  const pathOf = (url: string): string =>
    (search === '' ? url : url.replace(search.slice(1), hidden)).slice(root.length);
  return exchanges.map(({ at, request, sent }) => {
    const clean = discreet(redact, request);
    const answer =
      sent.kind !== 'reply'
        ? { failure: sent.detail }
        : {
            status: sent.status,
            headers: Object.fromEntries(Object.entries(sent.headers).filter(([name]) => worthKeeping.test(name))),
            body: answerBody(sent, isOurs),
          };
    const line = {
      at: isoTime(at),
      method: request.method,
      path: pathOf(request.url),
      ...(request.body === undefined ? {} : { request: parsed(request.body) }),
      ...answer,
    };
    return clean(JSON.stringify(line));
  });
}

/** Also hides the credentials that this very request bore: a token that was fetched stands in no configuration. */
function discreet(redact: (text: string) => string, { headers }: HttpRequest): (text: string) => string {
  const bearer = (headers['authorization'] ?? '').replace(/^\S+\s+/, '');
  return (text) =>
    redact(
      bearer.length < 4
        ? text
        : text.replaceAll(bearer, hidden).replaceAll(JSON.stringify(bearer).slice(1, -1), hidden),
    );
}

function answerBody({ body, text }: Extract<Sent, { kind: 'reply' }>, isOurs: (row: unknown) => boolean): unknown {
  if (body === undefined) return text === '' ? undefined : text.slice(0, longestText);
  return withoutStrangers(body, isOurs);
}

function withoutStrangers(body: unknown, isOurs: (row: unknown) => boolean): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => {
      if (name.toLowerCase() !== 'resources' || !Array.isArray(value)) return [name, value];
      const ours = (value as unknown[]).filter(isOurs);
      const others = value.length - ours.length;
      return [name, others === 0 ? ours : [...ours, `${others} of somebody else, not kept`]];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
