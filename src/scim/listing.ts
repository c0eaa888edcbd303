import type { RemoteId } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Found } from '../model/outcome.ts';
import { resourcePath } from './address.ts';
import type { Effort, Owner } from './addressed.ts';
import type { Exchange } from './exchange.ts';
import { toFound } from './found.ts';
import { readList, type ListResponse } from './list-response.ts';
import type { Answer } from './message.ts';
import { decide, explain } from './response.ts';

/** How a listing ended. Only a complete one proves that somebody is not there. */
export interface Listing {
  readonly complete: boolean;
  /** Why it is not complete. */
  readonly detail?: string;
  readonly requests: number;
}

export interface ListQuestion {
  readonly kind: Kind;
  readonly paths: readonly string[];
  readonly pageSize: number;
  readonly owner?: Owner | undefined;
}

/** However a server counts, no listing takes more pages than this. */
const maxPages = 100_000;

/**
 * All resources of a kind, page by page (RFC 7644 section 3.4.2.4).
 *
 * Servers count wrongly in every way, so pages are asked for by the rows that were seen, and `totalResults` alone ends nothing:
 * a last page that could be a full one is followed by one more request, which must show nothing new. Rows that were seen before
 * are left out.
 */
export async function* list(exchange: Exchange, { kind, paths, pageSize, owner }: ListQuestion, effort: Effort): AsyncGenerator<readonly Found[], Listing> {
  const progress = openProgress();
  for (let page = 0; page < maxPages; page += 1) {
    const query = { startIndex: String(progress.rows + 1), count: String(pageSize) };
    const answer = await exchange.insist({ method: 'GET', path: resourcePath(kind), query }, effort);
    const response = listOf(answer);
    if (typeof response === 'string') return listing(isPastEnd(answer) ? progress.endedBy(response) : response);
    const resources = response.rows.map((row) => toFound(row, paths, owner));
    const step = progress.take(response, resources);
    if (step.fresh.length > 0) yield step.fresh;
    if (step.end !== undefined) return listing(step.end);
  }
  return listing(`it did not end within ${maxPages} pages`);

  function listing(end: string): Listing {
    return { complete: end === complete, ...(end === complete ? {} : { detail: end }), requests: effort.requests };
  }
}

/** How a listing that shows everybody ends; any other end is the sentence that says why it does not. */
const complete = '';

interface Progress {
  /** Rows that were seen, repeated ones counted as the server counts them. */
  readonly rows: number;
  /** The rows of a page that are new, and how the listing ends if this page ends it. */
  take(response: ListResponse, resources: readonly (Found | undefined)[]): { readonly fresh: readonly Found[]; readonly end: string | undefined };
  /** How the listing ends if the server has nothing to say to the next page. */
  endedBy(refusal: string): string;
}

function openProgress(): Progress {
  const seen = new Set<RemoteId>();
  let rows = 0;
  let firstPage: number | undefined;
  let total: number | undefined;
  let doubt: string | undefined;

  const isReached = (): boolean => firstPage !== undefined && total !== undefined && rows >= total;
  const verdict = (): string => doubt ?? (seen.size >= (total ?? 0) ? complete : `only ${seen.size} of ${total} are different ones; the order changed between two pages`);

  return {
    get rows() {
      return rows;
    },

    take(response, resources) {
      const wasReached = isReached();
      if (resources.includes(undefined)) doubt ??= 'a resource in it has no usable id';
      const fresh = resources.filter((found) => found !== undefined).filter(({ remoteId }) => !seen.has(remoteId) && seen.add(remoteId));
      if (fresh.length === 0 && wasReached) return { fresh, end: verdict() };
      if (wasReached) doubt ??= `more followed after totalResults (${total}) was reached`;
      rows += response.rows.length;
      total = response.total;
      firstPage ??= response.rows.length;
      if (fresh.length === 0 && !(isReached() && rows === 0)) return { fresh, end: doubt ?? stuck(response) };
      const isShort = response.rows.length < firstPage;
      return { fresh, end: isReached() && (isShort || rows === 0) ? verdict() : undefined };
    },

    endedBy: (refusal) => (isReached() ? verdict() : refusal),
  };

  function stuck(response: ListResponse): string {
    const so = `${seen.size} of ${total ?? 'an unknown number'}`;
    return response.rows.length === 0 ? `an empty page came after ${so}` : `the same rows came again after ${so}; the target ignores startIndex`;
  }
}

function listOf(answer: Answer): ListResponse | string {
  if (answer.kind !== 'reply' || decide(answer) !== 'accept') return explain(answer);
  return readList(answer) ?? `answered ${answer.status}, but not with a list`;
}

/** Past the end, some servers answer 400 or 404 rather than an empty page. */
function isPastEnd(answer: Answer): boolean {
  const decision = decide(answer);
  return answer.kind === 'reply' && (decision === 'refuse' || decision === 'missing') && answer.status >= 400;
}
