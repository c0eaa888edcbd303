import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from '../../scim/encode/urls.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';

/** One page of a listing. */
export interface Page {
  /** Without duplicates. */
  readonly ids: readonly string[];
  /** Number of rows, including duplicates. */
  readonly rows: number;
  readonly total: number | undefined;
  readonly next: string | undefined;
  /** Error summary, if the request failed. */
  readonly error?: string;
}

/** Reads one page of a ListResponse (RFC 7644 section 3.4.2); an error response is a page without rows. */
export function parsePage(response: Response): Page {
  const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
  const next = getIgnoringCase(response.body, 'nextCursor');
  const ids = [...new Set((list?.rows ?? []).map((row) => parseId(getIgnoringCase(row, 'id')) ?? ''))];
  return {
    ids,
    rows: list?.rows.length ?? 0,
    total: list?.total,
    next: typeof next === 'string' && next !== '' ? next : undefined,
    ...(list === undefined ? { error: errorSummary(response) } : {}),
  };
}

/** The pages that show how a target pages its lists (RFC 7644 section 3.4.2.4). */
export interface Pages {
  /** count=1, startIndex=1 */
  readonly first: Page;
  /** count=1, startIndex=2 or more */
  readonly second: Page;
  /** count=1, startIndex beyond the end */
  readonly past: Page;
  /** count=1 and an empty cursor (RFC 9865) */
  readonly cursor: Page;
  /** No parameters. */
  readonly plain: Page;
}

/** Detects the paging method and the maximum page size. Requires at least two canaries. */
export async function probeListing(session: ProbeSession): Promise<void> {
  const getPage = async (query: Readonly<Record<string, string>>): Promise<Page> =>
    parsePage(await session.send({ method: 'GET', path: session.path('User'), query }));
  const first = await getPage({ startIndex: '1', count: '1' });
  const next = await getPage({ startIndex: '2', count: '1' });
  // A target that lists the first row twice shows it at startIndex 2 too: take the last row instead.
  const isRepeated = next.ids[0] === first.ids[0] && first.total !== undefined && first.total > 2;
  const pages: Pages = {
    first,
    second: isRepeated ? await getPage({ startIndex: String(first.total), count: '1' }) : next,
    past: await getPage({ startIndex: '1000000', count: '1' }),
    cursor: await getPage({ cursor: '', count: '1' }),
    plain: await getPage({}),
  };
  const canaries = session.ledger
    .unremoved()
    .flatMap(({ resourceType, id }) => (resourceType === 'User' && id !== undefined ? [id as string] : []));
  session.findings.add(...judgeListing(pages, canaries));
  const { protocol, limits } = session.findings.profile();
  const getPageOfSize = (count: number): Promise<Page> =>
    getPage({ ...(protocol.listing === 'cursor' ? { cursor: '' } : { startIndex: '1' }), count: String(count) });
  if (protocol.listing === 'index' || protocol.listing === 'cursor')
    session.findings.add(...(await probePageSizes(getPageOfSize, limits.pageSize)));
}

const topic = 'listing';

/** @param canaries ids of users that the listing must contain */
export function judgeListing(pages: Pages, canaries: readonly string[]): readonly Finding[] {
  const { first, past, cursor, plain } = pages;
  return [
    finding(topic, `without parameters: ${describePage(plain)}`),
    ...(first.error === undefined
      ? [
          finding(
            topic,
            `count=1 returns ${describePage(first)}; startIndex ${honoursStartIndex(pages) ? 'works' : 'is ignored'}`,
          ),
          finding(topic, `startIndex beyond the end: ${describePage(past)}`),
        ]
      : [finding(topic, `count and startIndex are refused: ${first.error}`)]),
    ...(cursor.next === undefined ? [] : [finding(topic, 'paging by cursor is supported (RFC 9865)')]),
    judgePagingMethod(pages, canaries),
  ];
}

function honoursStartIndex({ first, second }: Pages): boolean {
  return first.ids.length === 1 && second.ids.length === 1 && second.ids[0] !== first.ids[0];
}

function judgePagingMethod(pages: Pages, canaries: readonly string[]): Finding {
  if (honoursStartIndex(pages))
    return finding(topic, 'a listing is paged by startIndex', { protocol: { listing: 'index' } });
  if (pages.cursor.next !== undefined)
    return finding(topic, 'a listing is paged by cursor', { protocol: { listing: 'cursor' } });
  const unpaged = pages.plain.error === undefined ? pages.plain : pages.first;
  const showsAll =
    canaries.length > 0 &&
    canaries.every((id) => unpaged.ids.includes(id)) &&
    unpaged.ids.length >= (unpaged.total ?? 0);
  if (showsAll)
    return finding(topic, 'a listing returns all users in one response', { protocol: { listing: 'single' } });
  return finding(topic, 'a listing is incomplete: absence from it proves nothing', {
    protocol: { listing: 'unreliable' },
  });
}

function describePage({ rows, total, error }: Page): string {
  if (error !== undefined) return `refused, ${error}`;
  return `${rows} ${rows === 1 ? 'row' : 'rows'} of ${total ?? 'an unknown number'}`;
}

const largerPageSizes = [200, 500, 1000];
const smallerPageSizes = [50, 20, 10];

/** Detects the maximum page size. With few users, only a refusal of `count` shows it. */
async function probePageSizes(
  getPageOfSize: (count: number) => Promise<Page>,
  defaultSize: number,
): Promise<readonly Finding[]> {
  const page = await getPageOfSize(defaultSize);
  if (page.error !== undefined) {
    for (const size of smallerPageSizes)
      if ((await getPageOfSize(size)).error === undefined)
        return [
          finding(topic, `count=${defaultSize} is refused (${page.error}), count=${size} is accepted`, {
            limits: { pageSize: size },
          }),
        ];
    return [undecided(topic, `every tested page size is refused: ${page.error}`)];
  }
  const { total = 0 } = page;
  if (page.rows < Math.min(defaultSize, total)) {
    return page.rows === 0
      ? []
      : [
          finding(topic, `count=${defaultSize} returns ${page.rows} of ${total}: the maximum page size`, {
            limits: { pageSize: page.rows },
          }),
        ];
  }
  let largest = defaultSize;
  for (const size of largerPageSizes) {
    const larger = await getPageOfSize(size);
    if (larger.error !== undefined)
      return [finding(topic, `count=${size} is refused: ${larger.error}`), ...pageSizeFinding(largest, defaultSize)];
    if (larger.rows < Math.min(size, total))
      return [
        finding(topic, `count=${size} returns ${larger.rows} of ${total}`),
        ...pageSizeFinding(largest, defaultSize),
      ];
    if (total >= size) largest = size;
  }
  return [
    ...pageSizeFinding(largest, defaultSize),
    ...(total < 1000
      ? [
          finding(
            topic,
            `count=1000 is accepted; ${total} ${total === 1 ? 'user does' : 'users do'} not show the maximum page size`,
          ),
        ]
      : []),
  ];
}

const pageSizeFinding = (largest: number, defaultSize: number): readonly Finding[] =>
  largest === defaultSize
    ? []
    : [finding(topic, `a page has up to ${largest} rows`, { limits: { pageSize: largest } })];
