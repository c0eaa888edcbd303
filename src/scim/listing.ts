import type { Kind } from '../model/kind.ts';
import type { Found } from '../model/outcome.ts';
import type { Speaks } from '../model/profile.ts';
import { resourcePath } from './address.ts';
import type { Effort, Owner } from './addressed.ts';
import { scimTypeOf } from './complaint.ts';
import type { Exchange } from './exchange.ts';
import { toFound } from './found.ts';
import { readList, type ListResponse } from './list-response.ts';
import { complete, openProgress, type PageBy } from './listing-progress.ts';
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
  readonly form: Speaks['listing'];
}

/** However a server counts, no listing takes more pages than this. */
const maxPages = 100_000;

/**
 * All resources of a kind, page by page, as the profile says that they are shown.
 *
 * By index (RFC 7644 section 3.4.2.4): servers count wrongly in every way, so pages are asked for by the rows that were seen,
 * and `totalResults` alone ends nothing: a last page that could be a full one is followed by one more request, which must show
 * nothing new. By cursor (RFC 9865), also where an answer offers one unasked: the last page is the one that names no next.
 * Rows that were seen before are left out.
 */
export async function* list(
  exchange: Exchange,
  { kind, paths, pageSize, owner, form }: ListQuestion,
  effort: Effort,
): AsyncGenerator<readonly Found[], Listing> {
  if (form === 'none') return listing('this target shows no list that could be believed');
  const progress = openProgress();
  const way = openWay(form, pageSize);
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await exchange.insist(
      { method: 'GET', path: resourcePath(kind), query: way.query(progress.rows) },
      effort,
    );
    const response = listOf(answer);
    if (typeof response === 'string') {
      const next = way.refused(answer, page);
      if (next === 'end')
        return listing(way.by() === 'index' && isPastEnd(answer) ? progress.endedBy(response) : response);
      if (next === 'restart') progress.restart();
      continue;
    }
    const wrong = way.follow(response);
    const step = progress.take(
      way.by(),
      response,
      response.rows.map((row) => toFound(row, paths, owner)),
    );
    if (step.fresh.length > 0) yield step.fresh;
    const end = step.end ?? wrong;
    if (end !== undefined) return listing(end);
  }
  return listing(`it did not end within ${maxPages} pages`);

  function listing(end: string): Listing {
    return { complete: end === complete, ...(end === complete ? {} : { detail: end }), requests: effort.requests };
  }
}

/** How the next page is asked for. */
interface Way {
  by(): PageBy;
  query(rows: number): Readonly<Record<string, string>>;
  /** What comes after a page that was refused. */
  refused(answer: Answer, page: number): 'end' | 'again' | 'restart';
  /** Takes note of where an answer leads. @returns what is wrong with that */
  follow(response: ListResponse): string | undefined;
}

function openWay(form: 'index' | 'cursor' | 'whole', pageSize: number): Way {
  let by: PageBy = form;
  let cursor = '';
  let size: Readonly<Record<string, string>> = { count: String(pageSize) };
  let mayRestart = true;
  return {
    by: () => by,
    query(rows) {
      if (by === 'whole') return {};
      return by === 'cursor' ? { cursor, ...size } : { startIndex: String(rows + 1), ...size };
    },
    refused(answer, page) {
      if (cursor !== '' && mayRestart && isCursorRefused(answer)) {
        mayRestart = false;
        cursor = '';
        return 'restart';
      }
      // More than the server allows on a page is refused by some, instead of giving less.
      if (page > 0 || by === 'whole' || answer.kind !== 'reply' || answer.status !== 400 || size['count'] === undefined)
        return 'end';
      size = {};
      return 'again';
    },
    follow({ next }) {
      if (next !== undefined) by = 'cursor';
      if (next !== undefined && next === cursor) return `the cursor "${next}" leads back to itself`;
      cursor = next ?? '';
      return undefined;
    },
  };
}

function listOf(answer: Answer): ListResponse | string {
  if (answer.kind !== 'reply' || decide(answer) !== 'accept') return explain(answer);
  return readList(answer) ?? `answered ${answer.status}, but not with a list`;
}

/** RFC 9865 section 2.3: a cursor may be valid for some time only. */
function isCursorRefused(answer: Answer): boolean {
  return answer.kind === 'reply' && ['expiredcursor', 'invalidcursor'].includes(scimTypeOf(answer) ?? '');
}

/** Past the end, some servers answer 400 or 404 rather than an empty page. */
function isPastEnd(answer: Answer): boolean {
  const decision = decide(answer);
  return answer.kind === 'reply' && (decision === 'refuse' || decision === 'missing') && answer.status >= 400;
}
