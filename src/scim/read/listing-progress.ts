import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { ListResponse } from './list-response.ts';

/** How a listing that shows everybody ends; any other end is the sentence that says why it does not. */
export const complete = '';

/** How a page was asked for: by the number of its first row, by the cursor that the page before has named, or as the only one. */
export type PagingMode = 'index' | 'cursor' | 'single';

/** How far a listing has come. */
export interface ListingProgress {
  /** Rows that were seen, repeated ones counted as the server counts them. */
  readonly rows: number;
  /** The rows of a page that are new, and how the listing ends if this page ends it. */
  addPage(mode: PagingMode, listResponse: ListResponse, resources: readonly (RemoteResource | undefined)[]): PageResult;
  /** It begins again at the first page. */
  restart(): void;
  /** How the listing ends if the server has nothing to say to the next page. */
  endAfterRefusal(refusal: string): string;
}

interface PageResult {
  readonly newResources: readonly RemoteResource[];
  readonly end: string | undefined;
}

/** Pages without anything new, one after the other, before a listing by cursor is given up. */
const maxEmptyPages = 3;

export function createListingProgress(): ListingProgress {
  const seenIds = new Set<RemoteId>();
  let rows = 0;
  let firstPage: number | undefined;
  let total: number | undefined;
  let incompleteReason: string | undefined;
  let emptyPages = 0;
  /** Rows that a listing which began again has shown before. */
  let repeatedRows = 0;

  const isTotalReached = (): boolean => firstPage !== undefined && total !== undefined && rows >= total;
  const endReason = (): string =>
    incompleteReason ??
    (seenIds.size >= (total ?? 0)
      ? complete
      : rows < (total ?? 0)
        ? `it ended after ${seenIds.size} of ${total}`
        : `only ${seenIds.size} of ${total} are different ones; the order changed between two pages`);

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
        end: emptyPages >= maxEmptyPages ? `${maxEmptyPages} pages showed nobody new` : undefined,
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
