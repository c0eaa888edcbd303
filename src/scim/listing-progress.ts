import type { RemoteId } from '../model/ids.ts';
import type { Found } from '../model/outcome.ts';
import type { ListResponse } from './list-response.ts';

/** How a listing that shows everybody ends; any other end is the sentence that says why it does not. */
export const complete = '';

/** How a page was asked for: by the number of its first row, by the cursor that the page before has named, or as the only one. */
export type PageBy = 'index' | 'cursor' | 'whole';

/** How far a listing has come. */
export interface Progress {
  /** Rows that were seen, repeated ones counted as the server counts them. */
  readonly rows: number;
  /** The rows of a page that are new, and how the listing ends if this page ends it. */
  take(by: PageBy, response: ListResponse, resources: readonly (Found | undefined)[]): Step;
  /** It begins again at the first page. */
  restart(): void;
  /** How the listing ends if the server has nothing to say to the next page. */
  endedBy(refusal: string): string;
}

interface Step {
  readonly fresh: readonly Found[];
  readonly end: string | undefined;
}

/** Pages without anything new, one after the other, before a listing by cursor is given up. */
const mostFruitless = 3;

export function openProgress(): Progress {
  const seen = new Set<RemoteId>();
  let rows = 0;
  let firstPage: number | undefined;
  let total: number | undefined;
  let doubt: string | undefined;
  let fruitless = 0;
  /** Rows that a listing which began again has shown before. */
  let again = 0;

  const isReached = (): boolean => firstPage !== undefined && total !== undefined && rows >= total;
  const verdict = (): string =>
    doubt ??
    (seen.size >= (total ?? 0)
      ? complete
      : rows < (total ?? 0)
        ? `it ended after ${seen.size} of ${total}`
        : `only ${seen.size} of ${total} are different ones; the order changed between two pages`);

  return {
    get rows() {
      return rows;
    },

    take(by, response, resources) {
      const wasReached = isReached();
      const fresh = freshOf(resources);
      if (by === 'index') return byIndex(response, fresh, wasReached);
      rows += response.rows.length;
      total = response.total ?? total;
      fruitless = fresh.length === 0 && rows > again ? fruitless + 1 : 0;
      if (by === 'whole' || response.next === undefined) return { fresh, end: verdict() };
      return { fresh, end: fruitless >= mostFruitless ? `${mostFruitless} pages showed nobody new` : undefined };
    },

    restart() {
      again = rows;
      rows = 0;
    },

    endedBy: (refusal) => (isReached() ? verdict() : refusal),
  };

  function byIndex(response: ListResponse, fresh: readonly Found[], wasReached: boolean): Step {
    if (fresh.length === 0 && wasReached) return { fresh, end: verdict() };
    if (wasReached) doubt ??= `more followed after totalResults (${total}) was reached`;
    rows += response.rows.length;
    total = response.total ?? total;
    firstPage ??= response.rows.length;
    if (fresh.length === 0 && !(isReached() && rows === 0)) return { fresh, end: doubt ?? stuck(response) };
    const isShort = response.rows.length < firstPage;
    return { fresh, end: isReached() && (isShort || rows === 0) ? verdict() : undefined };
  }

  function freshOf(resources: readonly (Found | undefined)[]): readonly Found[] {
    if (resources.includes(undefined)) doubt ??= 'a resource in it has no usable id';
    return resources
      .filter((found) => found !== undefined)
      .filter(({ remoteId }) => !seen.has(remoteId) && seen.add(remoteId));
  }

  function stuck(response: ListResponse): string {
    const so = `${seen.size} of ${total ?? 'an unknown number'}`;
    return response.rows.length === 0
      ? `an empty page came after ${so}`
      : `the same rows came again after ${so}; the target ignores startIndex`;
  }
}
