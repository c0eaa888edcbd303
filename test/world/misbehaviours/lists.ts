import type { Case } from './case.ts';

/** Listings: absence from a listing proves nothing. test/e2e/targets/misbehaviours.test.ts holds the assertions. */
export const lists: readonly Omit<Case, 'verify'>[] = [
  { number: 12, title: 'totalResults counts the rows of the page' },
  { number: 13, title: 'totalResults is only on the first page, missing, or a string' },
  { number: 14, title: 'an empty page before totalResults is reached' },
  { number: 15, title: 'Resources is missing, null, or not an array' },
  { number: 16, title: 'itemsPerPage is missing or 0' },
  { number: 17, title: 'startIndex is ignored' },
  {
    number: 18,
    title: 'pages by cursor without totalResults, and a cursor that expires',
    profileChanges: { protocol: { listing: 'cursor' } },
  },
  { number: 19, title: 'no paging', profileChanges: { protocol: { listing: 'single' } } },
  { number: 20, title: 'count above its maximum is refused', profileChanges: { limits: { pageSize: 1000 } } },
  { number: 21, title: 'the order changes between two pages' },
  { number: 22, title: 'deleted users are listed too' },
  { number: 23, title: 'envelope keys in lower case' },
  { number: 24, title: 'attributes and excludedAttributes are ignored' },
];
