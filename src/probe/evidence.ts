import type { Instant } from '../model/ids.ts';
import { formatTime } from '../model/time.ts';
import type { HttpRequest, Send, SendResult } from '../scim/transport/message.ts';

/** One request with what came of it, as it went over the wire. */
export interface RecordedExchange {
  readonly at: Instant;
  readonly request: HttpRequest;
  readonly sent: SendResult;
}

/** Sees every request that goes to the target; what goes elsewhere (for a token) is none of the evidence. */
export function recordExchanges(
  record: (exchange: RecordedExchange) => void,
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

const evidenceHeaders = /^(content-type|etag|location|retry-after|allow|link|x-?ratelimit|x-rate-limit|ratelimit)/;
const maxTextLength = 20_000;
const mask = '•••';

/**
 * The evidence as JSON lines, in which no secret stands and nobody whom the probe did not make.
 *
 * @param redact hides the secrets of the configuration
 * @param isCanaryRow whether a row of a list is a canary's
 */
export function evidenceLines(
  exchanges: readonly RecordedExchange[],
  base: string,
  redact: (text: string) => string,
  isCanaryRow: (row: unknown) => boolean,
): readonly string[] {
  const { origin, pathname, search } = new URL(base);
  const root = `${origin}${pathname.replace(/\/+$/, '')}`;
  // A base URL's own query may be a key to the door.
  const pathOf = (url: string): string => (search === '' ? url : url.replace(search.slice(1), mask)).slice(root.length);
  return exchanges.map(({ at, request, sent }) => {
    const redactLine = redactCredentials(redact, request);
    const result =
      sent.kind !== 'response'
        ? { failure: sent.detail }
        : {
            status: sent.status,
            headers: Object.fromEntries(Object.entries(sent.headers).filter(([name]) => evidenceHeaders.test(name))),
            body: responseBody(sent, isCanaryRow),
          };
    const entry = {
      at: formatTime(at),
      method: request.method,
      path: pathOf(request.url),
      ...(request.body === undefined ? {} : { request: parseJson(request.body) }),
      ...result,
    };
    return redactLine(JSON.stringify(entry));
  });
}

/** Also hides the credentials that this very request bore: a token that was fetched stands in no configuration. */
function redactCredentials(redact: (text: string) => string, { headers }: HttpRequest): (text: string) => string {
  const bearer = (headers['authorization'] ?? '').replace(/^\S+\s+/, '');
  return (text) =>
    redact(
      bearer.length < 4 ? text : text.replaceAll(bearer, mask).replaceAll(JSON.stringify(bearer).slice(1, -1), mask),
    );
}

function responseBody(
  { body, text }: Extract<SendResult, { kind: 'response' }>,
  isCanaryRow: (row: unknown) => boolean,
): unknown {
  if (body === undefined) return text === '' ? undefined : text.slice(0, maxTextLength);
  return withoutForeignRows(body, isCanaryRow);
}

function withoutForeignRows(body: unknown, isCanaryRow: (row: unknown) => boolean): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => {
      if (name.toLowerCase() !== 'resources' || !Array.isArray(value)) return [name, value];
      const canaryRows = (value as unknown[]).filter(isCanaryRow);
      const foreignCount = value.length - canaryRows.length;
      return [name, foreignCount === 0 ? canaryRows : [...canaryRows, `${foreignCount} of somebody else, not kept`]];
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
