import type { RemoteId } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Protocol } from '../../model/profile.ts';
import { resourcePath } from '../encode/urls.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { scimTypeOf } from '../judge/error-body.ts';
import type { Transport } from '../transport/transport.ts';
import { parseListResponse, type ListResponse } from './list-response.ts';
import type { HttpResult } from '../transport/message.ts';
import { decide, describeResult } from '../judge/judge-response.ts';

/** How a listing ended. Only a complete listing proves that an account does not exist. */
export interface Listing {
  readonly complete: boolean;
  /** Why the listing is not complete. */
  readonly detail?: string;
  /** The last `totalResults`. */
  readonly total?: number;
  readonly requests: number;
}

/** A row of a listing, with its identity. */
export interface Listed {
  readonly remoteId: RemoteId;
}

/** What to list, and how. */
export interface ListRequest<T extends Listed> {
  readonly resourceType: ResourceType;
  /** Reads a row. @returns undefined for a row without a usable id */
  readonly parse: (row: unknown) => T | undefined;
  readonly pageSize: number;
  readonly pagingMode: Protocol['listing'];
  /** Absent: the maximum below. */
  readonly maxPages?: number;
  /** By index: the number of rows that the caller has read before. `complete` is then about the rest. */
  readonly startAt?: number;
}

/** Maximum number of pages, in case a server never ends its listing. */
const neverMorePages = 100_000;

/**
 * Lists all resources of a type, page by page, with the paging mode of the profile.
 *
 * By index (RFC 7644 section 3.4.2.4): servers count in many wrong ways. So startIndex follows from the number of rows
 * received, and `totalResults` alone does not end the listing: after a full last page, one more request must return no
 * new resource. By cursor (RFC 9865), also where a response offers a cursor without a request for it: the last page has
 * no nextCursor. Resources that were returned before are omitted.
 */
export async function* list<T extends Listed>(
  transport: Transport,
  { resourceType, parse, pageSize, pagingMode, maxPages = neverMorePages, startAt = 0 }: ListRequest<T>,
  execution: OperationExecution,
): AsyncGenerator<readonly T[], Listing> {
  const progress = pagingMode === 'unreliable' ? undefined : createListingProgress<T>(startAt);
  if (pagingMode === 'unreliable' || progress === undefined)
    return endWith('the listing of this target is not reliable');
  const paging = createPagingState(pagingMode, pageSize);
  for (let pageNumber = 0; pageNumber < maxPages; pageNumber += 1) {
    const result = await transport.sendWithRetry(
      { method: 'GET', path: resourcePath(resourceType), query: paging.query(progress.rows) },
      execution,
    );
    const response = parseList(result);
    if (typeof response === 'string') {
      const next = paging.onRefusal(result, pageNumber);
      if (next === 'end')
        return endWith(paging.mode() === 'index' && isPastEnd(result) ? progress.endAfterRefusal(response) : response);
      if (next === 'restart') progress.restart();
      continue;
    }
    const pagingError = paging.advance(response);
    const page = progress.addPage(paging.mode(), response, response.rows.map(parse));
    if (page.newResources.length > 0) yield page.newResources;
    const end = page.end ?? pagingError;
    if (end !== undefined) return endWith(end);
  }
  return endWith(`it did not end within ${maxPages} pages`);

  function endWith(end: string): Listing {
    return {
      complete: end === complete,
      ...(end === complete ? {} : { detail: end }),
      ...(progress?.total === undefined ? {} : { total: progress.total }),
      requests: execution.requests,
    };
  }
}

/** Builds the query of the next page. */
interface PagingState {
  mode(): PagingMode;
  query(rows: number): Readonly<Record<string, string>>;
  /** The next step after a refused page. */
  onRefusal(result: HttpResult, page: number): 'end' | 'again' | 'restart';
  /** Records the cursor of a page. @returns the error where the cursor repeats */
  advance(listResponse: ListResponse): string | undefined;
}

function createPagingState(initialMode: 'index' | 'cursor' | 'single', pageSize: number): PagingState {
  let mode: PagingMode = initialMode;
  let cursor = '';
  let countParameter: Readonly<Record<string, string>> = { count: String(pageSize) };
  let mayRestart = true;
  return {
    mode: () => mode,
    query(rows) {
      if (mode === 'single') return {};
      return mode === 'cursor' ? { cursor, ...countParameter } : { startIndex: String(rows + 1), ...countParameter };
    },
    onRefusal(result, page) {
      if (cursor !== '' && mayRestart && isCursorRefused(result)) {
        mayRestart = false;
        cursor = '';
        return 'restart';
      }
      // Some servers refuse a `count` above their maximum instead of returning fewer resources.
      if (
        page > 0 ||
        mode === 'single' ||
        result.kind !== 'response' ||
        result.status !== 400 ||
        countParameter['count'] === undefined
      )
        return 'end';
      countParameter = {};
      return 'again';
    },
    advance({ next }) {
      if (next !== undefined) mode = 'cursor';
      if (next !== undefined && next === cursor) return `the cursor "${next}" leads back to itself`;
      cursor = next ?? '';
      return undefined;
    },
  };
}

function parseList(result: HttpResult): ListResponse | string {
  if (result.kind !== 'response' || decide(result) !== 'accept') return describeResult(result);
  return parseListResponse(result) ?? `answered ${result.status}, but not with a list`;
}

/** RFC 9865 section 2.3: a cursor may expire. */
function isCursorRefused(result: HttpResult): boolean {
  return result.kind === 'response' && ['expiredcursor', 'invalidcursor'].includes(scimTypeOf(result) ?? '');
}

/** Past the end, some servers respond with 400 or 404 instead of an empty page. */
function isPastEnd(result: HttpResult): boolean {
  const decision = decide(result);
  return result.kind === 'response' && (decision === 'rejected' || decision === 'notFound') && result.status >= 400;
}

/** The end reason of a complete listing. Any other end reason is a text that states why the listing is incomplete. */
const complete = '';

/**
 * How pages are requested: `index` by startIndex, `cursor` by the nextCursor of the previous page, `single` without
 * paging.
 */
type PagingMode = 'index' | 'cursor' | 'single';

/** The progress of one listing. */
interface ListingProgress<T> {
  /** Number of rows so far, including repeated ones, as the server counts them. */
  readonly rows: number;
  /** The last `totalResults`; undefined: not stated. */
  readonly total: number | undefined;
  /** Adds a page. Returns its new resources, and the end reason if this page ends the listing. */
  addPage(mode: PagingMode, listResponse: ListResponse, resources: readonly (T | undefined)[]): PageResult<T>;
  /** The listing starts again at the first page. */
  restart(): void;
  /** The end reason after the server refused the next page. */
  endAfterRefusal(refusal: string): string;
}

interface PageResult<T> {
  readonly newResources: readonly T[];
  readonly end: string | undefined;
}

/** A listing ends after this number of consecutive pages that each stated a larger totalResults. */
const maxGrowingPages = 5;

/** A listing by cursor ends after this number of consecutive pages without a new resource. */
const maxEmptyPages = 3;

/** Starts the progress of a listing. @param startAt the number of rows that were read before */
function createListingProgress<T extends Listed>(startAt: number): ListingProgress<T> {
  const seenIds = new Set<RemoteId>();
  let rows = startAt;
  let firstPage: number | undefined;
  let total: number | undefined;
  let incompleteReason: string | undefined;
  let emptyPages = 0;
  let growingPages = 0;
  /** Rows that the listing had returned before it started again. */
  let repeatedRows = 0;

  const isTotalReached = (): boolean => firstPage !== undefined && total !== undefined && rows >= total;
  const endReason = (): string =>
    incompleteReason ??
    (startAt + seenIds.size >= (total ?? 0)
      ? complete
      : rows < (total ?? 0)
        ? `it ended after ${startAt + seenIds.size} of ${total}`
        : `only ${startAt + seenIds.size} of ${total} resources are distinct; the order changed between two pages`);

  return {
    get rows() {
      return rows;
    },
    get total() {
      return total;
    },

    addPage(mode, listResponse, resources) {
      const wasTotalReached = isTotalReached();
      const newResources = notSeenBefore(resources);
      growingPages = (listResponse.total ?? 0) > (total ?? Infinity) ? growingPages + 1 : 0;
      if (growingPages >= maxGrowingPages)
        return {
          newResources,
          end: `totalResults grew with each of ${maxGrowingPages} pages, to ${listResponse.total}`,
        };
      if (mode === 'index') return addIndexedPage(listResponse, newResources, wasTotalReached);
      rows += listResponse.rows.length;
      total = listResponse.total ?? total;
      emptyPages = newResources.length === 0 && rows > repeatedRows ? emptyPages + 1 : 0;
      if (mode === 'single' || listResponse.next === undefined) return { newResources, end: endReason() };
      return {
        newResources,
        end: emptyPages >= maxEmptyPages ? `${maxEmptyPages} consecutive pages contained no new resource` : undefined,
      };
    },

    restart() {
      repeatedRows = rows;
      rows = 0;
    },

    endAfterRefusal: (refusal) => (isTotalReached() ? endReason() : refusal),
  };

  function addIndexedPage(listResponse: ListResponse, newResources: readonly T[], wasReached: boolean): PageResult<T> {
    if (newResources.length === 0 && wasReached) return { newResources, end: endReason() };
    if (wasReached) incompleteReason ??= `more followed after totalResults (${total}) was reached`;
    rows += listResponse.rows.length;
    total = listResponse.total ?? total;
    firstPage ??= listResponse.rows.length;
    if (newResources.length === 0 && !(isTotalReached() && rows === 0))
      return { newResources, end: incompleteReason ?? describeStall(listResponse) };
    const isShort = listResponse.rows.length < firstPage;
    return { newResources, end: isTotalReached() && (isShort || rows === 0) ? endReason() : undefined };
  }

  function notSeenBefore(resources: readonly (T | undefined)[]): readonly T[] {
    if (resources.includes(undefined)) incompleteReason ??= 'a resource in it has no usable id';
    return resources
      .filter((resource) => resource !== undefined)
      .filter(({ remoteId }) => !seenIds.has(remoteId) && seenIds.add(remoteId));
  }

  function describeStall(listResponse: ListResponse): string {
    const progressText = `${seenIds.size} of ${total ?? 'an unknown number'}`;
    return listResponse.rows.length === 0
      ? `an empty page came after ${progressText}`
      : `the same rows came again after ${progressText}; the target ignores startIndex`;
  }
}
