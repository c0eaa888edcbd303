import type { ErrorCode } from '../../model/error-codes.ts';
import { IncompleteReading } from '../../model/errors.ts';
import type { Spool } from '../table/spool.ts';
import type { ByteAnswer, ByteClient } from '../../model/http/byte-client.ts';
import { nextLink } from './next-link.ts';
import { jsonWriter, lineWriter, type WrittenPage } from './page-writer.ts';
import { askForChanges, validatorOf, type PageValidator } from './validators.ts';

/** How the pages of a list follow each other, besides the Link header (RFC 8288). Paths are names joined by dots. */
export interface Paging {
  /** Path of the URL of the next page in the body. */
  readonly next?: string | undefined;
  /** Path of the cursor of the next page, and the parameter of the query in which it is sent. */
  readonly cursor?: { readonly path: string; readonly parameter: string } | undefined;
  /** Path of the number of items of all pages. */
  readonly total?: string | undefined;
}

/** Where the rows of one part are. */
export interface HttpPlace {
  readonly url: string;
  /** `json`: one JSON value with a list. */
  readonly body: 'csv' | 'jsonLines' | 'json';
  /** Path of the list in a JSON value; undefined: the value is the list. */
  readonly items?: string | undefined;
  readonly paging?: Paging | undefined;
}

/** Limits of one reading. */
export interface FetchLimits {
  /** In bytes, of one part. */
  readonly maxBytes: number;
  /** Headers that every request has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that never ends its list is stopped here. */
const maxPages = 100_000;

/**
 * Reads all pages of a list into the spool, as lines.
 *
 * @param known the pages of an earlier reading; undefined: all pages are read
 * @returns the validators of the pages, undefined where one of them has none; `unchanged`: no page has changed since
 * the earlier reading, and nothing was written
 * @throws IncompleteReading unless every page arrives completely
 */
export async function fetchPages(
  place: HttpPlace,
  client: ByteClient,
  spool: Spool,
  { maxBytes, headers }: FetchLimits,
  signal: AbortSignal,
  known?: readonly PageValidator[],
): Promise<readonly PageValidator[] | undefined | 'unchanged'> {
  const { body, items, paging = {} } = place;
  const paths = { items, next: paging.next ?? paging.cursor?.path, total: paging.total };
  const writer = body === 'json' ? jsonWriter(paths, spool) : lineWriter(body, spool);
  const repetitions = createRepetitions();
  const sent = { accept: accepted[body], ...headers };
  const changes = known === undefined ? undefined : await askForChanges(known, client, sent, signal);
  if (changes === 'unchanged') return 'unchanged';
  const validators: (PageValidator | undefined)[] = [];
  let firstAnswer = changes?.firstPage;
  let count = 0;
  let url: string | undefined = place.url;
  for (let number = 1; url !== undefined; number += 1) {
    const page = `page ${number} of ${shown(place.url)}`;
    repetitions.refuseUrl(url, page);
    const answer = requireOk(firstAnswer ?? (await client.get(url, sent, signal)), page);
    firstAnswer = undefined;
    const written = await writer.write(limited(answer, maxBytes - spool.size, page));
    if ('problem' in written) throw incomplete('http.notData', `${page} cannot be used: ${written.problem}`);
    requireWholeText(answer, written, page);
    repetitions.refuseRows(written.digest, page);
    count += written.json?.lines.length ?? 0;
    validators.push(validatorOf(url, answer));
    const next = nextUrl(place, url, answer, written, page);
    if (next === undefined && paging.total !== undefined) requireTotal(written, count, paging.total, page);
    url = next;
  }
  return allOf(validators);
}

/** @returns undefined: one of them is missing */
function allOf(validators: readonly (PageValidator | undefined)[]): readonly PageValidator[] | undefined {
  const present = validators.filter((one) => one !== undefined);
  return present.length === validators.length ? present : undefined;
}

/** Recognises pages that were read before. */
function createRepetitions() {
  const urls = new Set<string>();
  const digests = new Set<string>();
  return {
    refuseUrl(url: string, page: string): void {
      if (urls.has(url) || urls.size >= maxPages)
        throw incomplete('http.pageLoop', `${page} was read before: the pages do not end`);
      urls.add(url);
    },
    /** @param digest undefined: the page has no rows */
    refuseRows(digest: string | undefined, page: string): void {
      if (digest === undefined) return;
      if (digests.has(digest))
        throw incomplete('http.pageLoop', `${page} has the same rows as an earlier page: the pages do not end`);
      digests.add(digest);
    },
  };
}

const accepted: Readonly<Record<HttpPlace['body'], string>> = {
  csv: 'text/csv, text/plain;q=0.9, */*;q=0.1',
  jsonLines: 'application/jsonl, application/x-ndjson, application/json;q=0.9, */*;q=0.1',
  json: 'application/json, */*;q=0.1',
};

type Answer = Extract<ByteAnswer, { kind: 'answer' }>;

function requireOk(answer: ByteAnswer, page: string): Answer {
  if (answer.kind === 'failed') throw incomplete('http.noAnswer', `${page}: ${withoutAdvice(answer.detail)}`);
  const { status, headers } = answer;
  if (status === 200) return answer;
  answer.discard();
  const location = headers['location'];
  throw incomplete('http.refused', `${page} was answered with ${status}${hintOf(status, location)}`);
}

/** Node.js advises options of its own command line. */
const withoutAdvice = (detail: string): string =>
  detail.replace(
    /; if the root CA is installed locally, try running Node\.js with .*$/,
    '; add its CA to source.tls.caFile',
  );

function hintOf(status: number, location: string | undefined): string {
  if (status === 304) return ' (unchanged), although the request asked for the whole page';
  if (status === 401 || status === 403) return '; check source.auth';
  if (status === 404 || status === 410) return '; check the URL';
  if (status >= 500) return ', also after several attempts: the server failed';
  return status >= 300 && status < 400 && location !== undefined
    ? `, a redirect to ${hostOf(location)}, which is not followed: write the final address into the configuration`
    : '';
}

/** The bytes of a body. @throws IncompleteReading where it is cut off, or too large */
async function* limited({ body }: Answer, maxBytes: number, page: string): AsyncGenerator<Buffer> {
  let size = 0;
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw incomplete('http.truncated', `${page} broke off after ${size} bytes (${why})`);
      });
      if (next.done === true) return;
      size += next.value.length;
      if (size > maxBytes) throw incomplete('http.tooLarge', `${page} exceeds source.maxMegabytes`);
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

/** Without a length (RFC 9112 section 6.3), a body that is cut off ends like a complete one. */
function requireWholeText({ headers }: Answer, { endsWithLineBreak }: WrittenPage, page: string): void {
  const hasLength = headers['content-length'] !== undefined || /chunked/i.test(headers['transfer-encoding'] ?? '');
  if (!hasLength && !endsWithLineBreak)
    throw incomplete('http.truncated', `${page} has no length and does not end with a line break: it may be cut off`);
}

/** @returns undefined: it is the last page */
function nextUrl(
  { url: first, paging }: HttpPlace,
  current: string,
  { headers }: Answer,
  { json }: WrittenPage,
  page: string,
): string | undefined {
  const value = json?.next ?? '';
  if (value === '' || value === false) {
    const link = nextLink(headers['link']);
    return link === undefined ? undefined : sameServer(link, current, first, page);
  }
  if (typeof value !== 'string' && typeof value !== 'number')
    throw incomplete('http.notData', `${page} states the next page as neither a text nor a number`);
  if (paging?.cursor === undefined) return sameServer(String(value), current, first, page);
  const next = new URL(first);
  next.searchParams.set(paging.cursor.parameter, String(value));
  return next.href;
}

/** @throws IncompleteReading where a page is at another server than the first one */
function sameServer(text: string, current: string, first: string, page: string): string {
  if (!URL.canParse(text, current)) throw incomplete('http.notData', `${page} states a next page that is no URL`);
  const next = new URL(text, current);
  next.hash = '';
  const { origin } = new URL(first);
  if (next.origin === origin && next.username === '' && next.password === '') return next.href;
  throw incomplete(
    'http.otherOrigin',
    `${page} states that the next page is at ${next.origin}, and not at ${origin}: credentials are not sent there`,
  );
}

function requireTotal({ json }: WrittenPage, count: number, path: string, page: string): void {
  const total = Number(json?.total ?? Number.NaN);
  if (total === count) return;
  const stated = Number.isNaN(total) ? `no number at "${path}"` : `${total} items in total`;
  throw incomplete('http.totalWrong', `${page} states ${stated}, and ${count} were read`);
}

/** A URL without its query, which may contain a secret. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

const hostOf = (location: string): string => (URL.canParse(location) ? new URL(location).host : 'another path');

const incomplete = (code: ErrorCode, what: string): IncompleteReading =>
  new IncompleteReading(code, `${what}. Nothing was planned or changed.`);
