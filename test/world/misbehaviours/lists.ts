import type { Case } from './case.ts';

/**
 * Lists and pages: what is shown is believed, what is not shown proves nothing. They end as
 * `test/e2e/targets/misbehaviours.test.ts` says of a listing.
 */
export const lists: readonly Omit<Case, 'verify'>[] = [
  { number: 12, title: 'totalResults counts the rows of the page' },
  { number: 13, title: 'totalResults is only on the first page, missing, or a text' },
  { number: 14, title: 'an empty page before totalResults is reached' },
  { number: 15, title: 'Resources is missing, null, or no list' },
  { number: 16, title: 'itemsPerPage is missing or 0' },
  { number: 17, title: 'startIndex is ignored: the same page again and again' },
  {
    number: 18,
    title: 'pages by cursor without totalResults, and a cursor that expires',
    profileChanges: { protocol: { listing: 'cursor' } },
  },
  { number: 19, title: 'no pages at all', profileChanges: { protocol: { listing: 'single' } } },
  { number: 20, title: 'count above its maximum is refused', profileChanges: { limits: { pageSize: 1000 } } },
  { number: 21, title: 'the order changes between two pages' },
  { number: 22, title: 'those who were deleted are listed as well' },
  { number: 23, title: 'the names of a list begin with small letters' },
  { number: 24, title: 'attributes and excludedAttributes are not known' },
];
