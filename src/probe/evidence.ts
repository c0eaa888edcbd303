import type { Instant } from '../model/ids.ts';
import { mask, textRedactor, type Redact } from '../model/redaction/redactor.ts';
import { formatTime } from '../model/time.ts';
import type { HttpRequest, Send, SendResult } from '../scim/transport/message.ts';

/** One HTTP request with its result. */
export interface RecordedExchange {
  readonly at: Instant;
  readonly request: HttpRequest;
  readonly sent: SendResult;
}

/** Records requests to the target. Requests to other URLs, such as a token endpoint, are not evidence. */
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

/**
 * The evidence as JSON lines, without secrets and without resources that the probe did not create.
 *
 * @param redact replaces the configuration's secrets in a text
 * @param isCanaryRow whether a row of a ListResponse is a canary
 */
export function evidenceLines(
  exchanges: readonly RecordedExchange[],
  base: string,
  redact: Redact,
  isCanaryRow: (row: unknown) => boolean,
): readonly string[] {
  const { origin, pathname, search } = new URL(base);
  const root = `${origin}${pathname.replace(/\/+$/, '')}`;
  // The query of the base URL may hold an API key.
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

/** Also redacts the request's own credentials: a fetched OAuth token is not among the configuration's secrets. */
function redactCredentials(redact: Redact, { headers }: HttpRequest): Redact {
  const redactOwn = textRedactor([(headers['authorization'] ?? '').replace(/^\S+\s+/, '')]);
  return (text) => redact(redactOwn(text));
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
      return [
        name,
        foreignCount === 0
          ? canaryRows
          : [...canaryRows, `${foreignCount} other ${foreignCount === 1 ? 'row' : 'rows'} omitted`],
      ];
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
