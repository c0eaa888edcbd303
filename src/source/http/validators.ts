import type { ByteAnswer, ByteClient } from '../../model/http/byte-client.ts';
import { nextLink } from './next-link.ts';

/** How a server recognises the content of a page (RFC 9110 section 8.8). */
export interface PageValidator {
  readonly url: string;
  readonly etag?: string;
  /** Only where there is no ETag. */
  readonly lastModified?: string;
}

type Answer = Extract<ByteAnswer, { kind: 'answer' }>;

/** In characters. A longer validator is not kept. */
const maxLength = 500;

/**
 * The validator of a page that was read; undefined: the server states none that can be trusted. `Last-Modified` has
 * whole seconds: a page that was modified in the second of the answer may have been modified after it, too.
 */
export function validatorOf(url: string, { headers }: Pick<Answer, 'headers'>): PageValidator | undefined {
  const { etag, date, 'last-modified': lastModified } = headers;
  if (etag !== undefined && etag !== '') return etag.length > maxLength ? undefined : { url, etag };
  if (lastModified === undefined || lastModified.length > maxLength) return undefined;
  const ageMs = Date.parse(date ?? '') - Date.parse(lastModified);
  return ageMs >= 1000 ? { url, lastModified } : undefined;
}

/**
 * Asks for pages that were read before, in their order, until one has changed.
 *
 * @returns `unchanged`: the server states it for all of them; otherwise the answer to the first page, if that has
 * changed
 */
export async function askForChanges(
  pages: readonly PageValidator[],
  client: ByteClient,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<'unchanged' | { readonly firstPage: ByteAnswer | undefined }> {
  for (const [index, page] of pages.entries()) {
    const answer = await client.get(page.url, { ...headers, ...conditionOf(page) }, signal);
    if (answer.kind === 'answer' && answer.status === 304) {
      for await (const _ of answer.body);
      if (isSame(page, answer, pages[index + 1]?.url)) continue;
      return { firstPage: undefined };
    }
    if (index === 0) return { firstPage: answer };
    if (answer.kind === 'answer') answer.discard();
    return { firstPage: undefined };
  }
  return 'unchanged';
}

const conditionOf = ({ etag, lastModified }: PageValidator): Readonly<Record<string, string>> =>
  etag === undefined ? { 'if-modified-since': lastModified ?? '' } : { 'if-none-match': etag };

/** Whether a 304 is about this page: it states no other ETag, and no other next page. */
function isSame({ url, etag }: PageValidator, { headers }: Answer, nextUrl: string | undefined): boolean {
  const strong = (text: string): string => text.replace(/^W\//, '');
  if (etag !== undefined && headers['etag'] !== undefined && strong(headers['etag']) !== strong(etag)) return false;
  const link = nextLink(headers['link']);
  if (link === undefined) return true;
  return nextUrl !== undefined && URL.canParse(link, url) && sameAddress(new URL(link, url), new URL(nextUrl));
}

/** A query may be written with other escapes. */
const sameAddress = (one: URL, other: URL): boolean =>
  one.origin === other.origin &&
  one.pathname === other.pathname &&
  one.searchParams.toString() === other.searchParams.toString();
