import { member } from '../model/shape.ts';
import { asRemoteId } from '../scim/address.ts';
import { readList } from '../scim/list-response.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';

/** What came of one page that was asked for. */
export interface Page {
  /** Each once. */
  readonly ids: readonly string[];
  /** Rows, repeated ones included. */
  readonly rows: number;
  readonly total: number | undefined;
  readonly next: string | undefined;
  /** Why there is no page. */
  readonly refusal?: string;
}

export function pageOf(reply: Reply): Page {
  const list = decide(reply) === 'accept' ? readList(reply) : undefined;
  const next = member(reply.body, 'nextCursor');
  // Some show the same row twice.
  const ids = [...new Set((list?.rows ?? []).map((row) => asRemoteId(member(row, 'id')) ?? ''))];
  return {
    ids,
    rows: list?.rows.length ?? 0,
    total: list?.total,
    next: typeof next === 'string' && next !== '' ? next : undefined,
    ...(list === undefined ? { refusal: sentence(reply) } : {}),
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
export async function listing(ground: Ground): Promise<void> {
  const ask = async (query: Readonly<Record<string, string>>): Promise<Page> =>
    pageOf(await ground.ask({ method: 'GET', path: ground.path('User'), query }));
  const first = await ask({ startIndex: '1', count: '1' });
  const next = await ask({ startIndex: '2', count: '1' });
  // Where the same row comes twice, the second one is the first: the last one is not.
  const isRepeated = next.ids[0] === first.ids[0] && first.total !== undefined && first.total > 2;
  const pages: Pages = {
    first,
    second: isRepeated ? await ask({ startIndex: String(first.total), count: '1' }) : next,
    past: await ask({ startIndex: '1000000', count: '1' }),
    cursor: await ask({ cursor: '', count: '1' }),
    plain: await ask({}),
  };
  const canaries = ground.ledger
    .open()
    .flatMap(({ kind, id }) => (kind === 'User' && id !== undefined ? [id as string] : []));
  ground.book.note(...judgeListing(pages, canaries));
  const { speaks, allows } = ground.book.profile();
  const at = (count: number): Promise<Page> =>
    ask({ ...(speaks.listing === 'cursor' ? { cursor: '' } : { startIndex: '1' }), count: String(count) });
  if (speaks.listing === 'index' || speaks.listing === 'cursor')
    ground.book.note(...(await pageSizes(at, allows.pageSize)));
}

const about = 'listing';

/** @param canaries ids of people who are certainly there */
export function judgeListing(pages: Pages, canaries: readonly string[]): readonly Finding[] {
  const { first, past, cursor, plain } = pages;
  return [
    finding(about, `without parameters: ${said(plain)}`),
    ...(first.refusal === undefined
      ? [
          finding(
            about,
            `count=1 is answered with ${said(first)}; startIndex is ${honoursStart(pages) ? 'honoured' : 'ignored'}`,
          ),
          finding(about, `past the end: ${said(past)}`),
        ]
      : [finding(about, `count and startIndex are refused: ${first.refusal}`)]),
    ...(cursor.next === undefined ? [] : [finding(about, 'a cursor is offered (RFC 9865)')]),
    wayOf(pages, canaries),
  ];
}

function honoursStart({ first, second }: Pages): boolean {
  return first.ids.length === 1 && second.ids.length === 1 && second.ids[0] !== first.ids[0];
}

function wayOf(pages: Pages, canaries: readonly string[]): Finding {
  if (honoursStart(pages))
    return finding(about, 'everybody is listed page by page, by startIndex', { speaks: { listing: 'index' } });
  if (pages.cursor.next !== undefined)
    return finding(about, 'everybody is listed by cursor', { speaks: { listing: 'cursor' } });
  const whole = pages.plain.refusal === undefined ? pages.plain : pages.first;
  const showsAll =
    canaries.length > 0 && canaries.every((id) => whole.ids.includes(id)) && whole.ids.length >= (whole.total ?? 0);
  if (showsAll) return finding(about, 'everybody is in one answer', { speaks: { listing: 'whole' } });
  return finding(about, 'a listing does not show everybody, so it proves nothing', { speaks: { listing: 'none' } });
}

function said({ rows, total, refusal }: Page): string {
  if (refusal !== undefined) return `refused, ${refusal}`;
  return `${rows} ${rows === 1 ? 'row' : 'rows'} of ${total ?? 'an unknown number'}`;
}

const sizes = [200, 500, 1000];
const smaller = [50, 20, 10];

/** The largest page that is given as it was asked for. With few accounts there, only a refusal can be seen. */
async function pageSizes(at: (count: number) => Promise<Page>, usual: number): Promise<readonly Finding[]> {
  const page = await at(usual);
  if (page.refusal !== undefined) {
    for (const size of smaller)
      if ((await at(size)).refusal === undefined)
        return [
          finding(about, `count=${usual} is refused (${page.refusal}), count=${size} is not`, {
            allows: { pageSize: size },
          }),
        ];
    return [undecided(about, `no size of a page is taken: ${page.refusal}`)];
  }
  const { total = 0 } = page;
  if (page.rows < Math.min(usual, total)) {
    return page.rows === 0
      ? []
      : [
          finding(about, `count=${usual} is answered with ${page.rows} of ${total}: that is a page`, {
            allows: { pageSize: page.rows },
          }),
        ];
  }
  let largest = usual;
  for (const size of sizes) {
    const larger = await at(size);
    if (larger.refusal !== undefined)
      return [finding(about, `count=${size} is refused: ${larger.refusal}`), ...sized(largest, usual)];
    if (larger.rows < Math.min(size, total))
      return [finding(about, `count=${size} is answered with ${larger.rows} of ${total}`), ...sized(largest, usual)];
    if (total >= size) largest = size;
  }
  return [
    ...sized(largest, usual),
    ...(total < 1000
      ? [
          finding(
            about,
            `count=1000 is taken; how many come at once cannot be seen with ${total} ${total === 1 ? 'account' : 'accounts'}`,
          ),
        ]
      : []),
  ];
}

const sized = (largest: number, usual: number): readonly Finding[] =>
  largest === usual ? [] : [finding(about, `${largest} come at once`, { allows: { pageSize: largest } })];
