import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { ListResponse } from './list-response.ts';

/** The end reason of a complete listing. Any other end reason is a text that states why the listing is incomplete. */
export const complete = '';

/**
 * How pages are requested: `index` by startIndex, `cursor` by the nextCursor of the previous page, `single` without
 * paging.
 */
export type PagingMode = 'index' | 'cursor' | 'single';

/** The progress of one listing. */
export interface ListingProgress {
  /** Number of rows so far, including repeated ones, as the server counts them. */
  readonly rows: number;
  /** Adds a page. Returns its new resources, and the end reason if this page ends the listing. */
  addPage(mode: PagingMode, listResponse: ListResponse, resources: readonly (RemoteResource | undefined)[]): PageResult;
  /** The listing starts again at the first page. */
  restart(): void;
  /** The end reason after the server refused the next page. */
  endAfterRefusal(refusal: string): string;
}

interface PageResult {
  readonly newResources: readonly RemoteResource[];
  readonly end: string | undefined;
}

/** A listing by cursor ends after this number of consecutive pages without a new resource. */
const maxEmptyPages = 3;

/** Starts the progress of a listing. */
export function createListingProgress(): ListingProgress {
  const seenIds = new Set<RemoteId>();
  let rows = 0;
  let firstPage: number | undefined;
  let total: number | undefined;
  let incompleteReason: string | undefined;
  let emptyPages = 0;
  /** Rows that the listing had returned before it started again. */
  let repeatedRows = 0;

  const isTotalReached = (): boolean => firstPage !== undefined && total !== undefined && rows >= total;
  const endReason = (): string =>
    incompleteReason ??
    (seenIds.size >= (total ?? 0)
      ? complete
      : rows < (total ?? 0)
        ? `it ended after ${seenIds.size} of ${total}`
        : `only ${seenIds.size} of ${total} resources are distinct; the order changed between two pages`);

  return {
    get rows() {
      return rows;
    },

    addPage(mode, listResponse, resources) {
      const wasTotalReached = isTotalReached();
      const newResources = notSeenBefore(resources);
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

  function addIndexedPage(
    listResponse: ListResponse,
    newResources: readonly RemoteResource[],
    wasReached: boolean,
  ): PageResult {
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

  function notSeenBefore(resources: readonly (RemoteResource | undefined)[]): readonly RemoteResource[] {
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
