import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from '../../scim/encode/urls.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';

/** What came of one page that was asked for. */
export interface Page {
  /** Each once. */
  readonly ids: readonly string[];
  /** Rows, repeated ones included. */
  readonly rows: number;
  readonly total: number | undefined;
  readonly next: string | undefined;
  /** Why there is no page. */
  readonly error?: string;
}

export function parsePage(response: Response): Page {
  const list = decide(response) === 'accept' ? parseListResponse(response) : undefined;
  const next = getIgnoringCase(response.body, 'nextCursor');
  // Some show the same row twice.
  const ids = [...new Set((list?.rows ?? []).map((row) => parseId(getIgnoringCase(row, 'id')) ?? ''))];
  return {
    ids,
    rows: list?.rows.length ?? 0,
    total: list?.total,
    next: typeof next === 'string' && next !== '' ? next : undefined,
    ...(list === undefined ? { error: errorSummary(response) } : {}),
  };
}

export interface Pages {
  /** count 1, startIndex 1. */
  readonly first: Page;
  /** count 1, startIndex 2 or more. */
  readonly second: Page;
  /** count 1, far behind the end. */
  readonly past: Page;
  /** RFC 9865: count 1 and an empty cursor. */
  readonly cursor: Page;
  /** No parameters. */
  readonly plain: Page;
}

/** At least two people are there: the canaries. */
export async function probeListing(session: ProbeSession): Promise<void> {
  const getPage = async (query: Readonly<Record<string, string>>): Promise<Page> =>
    parsePage(await session.send({ method: 'GET', path: session.path('User'), query }));
  const first = await getPage({ startIndex: '1', count: '1' });
  const next = await getPage({ startIndex: '2', count: '1' });
  // Where the same row comes twice, the second one is the first: the last one is not.
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

/** @param canaries ids of people who are certainly there */
export function judgeListing(pages: Pages, canaries: readonly string[]): readonly Finding[] {
  const { first, past, cursor, plain } = pages;
  return [
    finding(topic, `without parameters: ${describePage(plain)}`),
    ...(first.error === undefined
      ? [
          finding(
            topic,
            `count=1 is answered with ${describePage(first)}; startIndex is ${honoursStartIndex(pages) ? 'honoured' : 'ignored'}`,
          ),
          finding(topic, `past the end: ${describePage(past)}`),
        ]
      : [finding(topic, `count and startIndex are refused: ${first.error}`)]),
    ...(cursor.next === undefined ? [] : [finding(topic, 'a cursor is offered (RFC 9865)')]),
    judgePagingMethod(pages, canaries),
  ];
}

function honoursStartIndex({ first, second }: Pages): boolean {
  return first.ids.length === 1 && second.ids.length === 1 && second.ids[0] !== first.ids[0];
}

function judgePagingMethod(pages: Pages, canaries: readonly string[]): Finding {
  if (honoursStartIndex(pages))
    return finding(topic, 'everybody is listed page by page, by startIndex', { protocol: { listing: 'index' } });
  if (pages.cursor.next !== undefined)
    return finding(topic, 'everybody is listed by cursor', { protocol: { listing: 'cursor' } });
  const unpaged = pages.plain.error === undefined ? pages.plain : pages.first;
  const showsAll =
    canaries.length > 0 &&
    canaries.every((id) => unpaged.ids.includes(id)) &&
    unpaged.ids.length >= (unpaged.total ?? 0);
  if (showsAll) return finding(topic, 'everybody is in one answer', { protocol: { listing: 'single' } });
  return finding(topic, 'a listing does not show everybody, so it proves nothing', {
    protocol: { listing: 'unreliable' },
  });
}

function describePage({ rows, total, error }: Page): string {
  if (error !== undefined) return `refused, ${error}`;
  return `${rows} ${rows === 1 ? 'row' : 'rows'} of ${total ?? 'an unknown number'}`;
}

const largerPageSizes = [200, 500, 1000];
const smallerPageSizes = [50, 20, 10];

/** The largest page that is given as it was asked for. With few accounts there, only a refusal can be seen. */
async function probePageSizes(
  getPageOfSize: (count: number) => Promise<Page>,
  defaultSize: number,
): Promise<readonly Finding[]> {
  const page = await getPageOfSize(defaultSize);
  if (page.error !== undefined) {
    for (const size of smallerPageSizes)
      if ((await getPageOfSize(size)).error === undefined)
        return [
          finding(topic, `count=${defaultSize} is refused (${page.error}), count=${size} is not`, {
            limits: { pageSize: size },
          }),
        ];
    return [undecided(topic, `no size of a page is taken: ${page.error}`)];
  }
  const { total = 0 } = page;
  if (page.rows < Math.min(defaultSize, total)) {
    return page.rows === 0
      ? []
      : [
          finding(topic, `count=${defaultSize} is answered with ${page.rows} of ${total}: that is a page`, {
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
        finding(topic, `count=${size} is answered with ${larger.rows} of ${total}`),
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
            `count=1000 is taken; how many come at once cannot be seen with ${total} ${total === 1 ? 'account' : 'accounts'}`,
          ),
        ]
      : []),
  ];
}

const pageSizeFinding = (largest: number, defaultSize: number): readonly Finding[] =>
  largest === defaultSize ? [] : [finding(topic, `${largest} come at once`, { limits: { pageSize: largest } })];
