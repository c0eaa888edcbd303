import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import { IncompleteReading } from '../../../src/model/errors.ts';
import type { ByteAnswer, ByteClient } from '../../../src/model/http/byte-client.ts';
import { fetchPages, type HttpPlace } from '../../../src/source/http/fetch-pages.ts';
import { openSpool } from '../../../src/source/table/spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'scimsync-pages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const signal = new AbortController().signal;

interface Page {
  readonly status?: number;
  readonly text?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly breaksOff?: boolean;
}

const first = 'https://hr.example.com/people?all=1';

/** Answers from a table by path and query; other requests are answered with 404. */
function clientOf(pages: Readonly<Record<string, Page>>, requests: string[] = []): ByteClient {
  return {
    get(url): Promise<ByteAnswer> {
      requests.push(url);
      const { status = 200, text = '', headers, breaksOff = false } = pages[url] ?? { status: 404 };
      const bytes = Buffer.from(text);
      return Promise.resolve({
        kind: 'answer',
        status,
        headers: headers ?? { 'content-length': String(bytes.length) },
        body: (async function* () {
          for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
          if (breaksOff) throw new Error('aborted');
        })(),
        discard: () => undefined,
      });
    },
    close: () => undefined,
  };
}

async function read(
  place: Partial<HttpPlace>,
  pages: Readonly<Record<string, Page>>,
  requests?: string[],
  maxBytes = 10_000,
): Promise<string> {
  const spool = await openSpool(folder);
  try {
    const settings = { maxBytes, headers: {} };
    await fetchPages({ url: first, body: 'json', ...place }, clientOf(pages, requests), spool, settings, signal);
    const parts: Buffer[] = [];
    for await (const chunk of spool.content('it').chunks(signal)) parts.push(Buffer.from(chunk));
    return Buffer.concat(parts).toString('utf8');
  } finally {
    await spool.close();
  }
}

const linkTo = (url: string): Readonly<Record<string, string>> => ({
  'content-length': '1',
  link: `<${url}>; rel="next"`,
});
const second = 'https://hr.example.com/people?page=2';

describe('the rows of an answer', () => {
  test.each<[string, Partial<HttpPlace>, Readonly<Record<string, Page>>, string]>([
    ['a JSON list', {}, { [first]: { text: '[{"id":1},\n{"id":2}]' } }, '{"id":1}\n{"id":2}\n'],
    ['an empty JSON list', {}, { [first]: { text: '[]' } }, ''],
    [
      'a list in an object',
      { items: 'data.people' },
      { [first]: { text: '{"data":{"people":[{"id":1}]}}' } },
      '{"id":1}\n',
    ],
    ['long numbers', {}, { [first]: { text: '[{"id":12345678901234567890}]' } }, '{"id":12345678901234567890}\n'],
    ['a byte order mark', {}, { [first]: { text: '\ufeff[{"id":1}]' } }, '{"id":1}\n'],
    ['line breaks in texts', {}, { [first]: { text: '[{"a":"x\\ny"}]' } }, '{"a":"x\\ny"}\n'],
    ['JSON lines', { body: 'jsonLines' }, { [first]: { text: '{"id":1}\n{"id":2}' } }, '{"id":1}\n{"id":2}\n'],
    ['CSV', { body: 'csv' }, { [first]: { text: 'id,sn\n1,a\n2,b' } }, 'id,sn\n1,a\n2,b\n'],
    ['CSV in latin1', { body: 'csv' }, { [first]: { text: Buffer.from('id\n\xfc\n', 'latin1') } }, 'id\n\ufffd\n'],
    ['CSV without rows', { body: 'csv' }, { [first]: { text: 'id,sn' } }, 'id,sn\n'],
    [
      'pages by link',
      {},
      { [first]: { text: '[{"id":1}]', headers: linkTo('?page=2') }, [second]: { text: '[{"id":2}]' } },
      '{"id":1}\n{"id":2}\n',
    ],
    [
      'CSV pages by link, each with its header',
      { body: 'csv' },
      { [first]: { text: 'id,sn\r\n1,a', headers: linkTo(second) }, [second]: { text: 'id,sn\n2,b\n' } },
      'id,sn\r\n1,a\n2,b\n',
    ],
    [
      'pages by a field',
      { items: 'd', paging: { next: 'links.next' } },
      {
        [first]: { text: `{"d":[1],"links":{"next":"/people?page=2"}}` },
        [second]: { text: '{"d":[2],"links":{"next":null}}' },
      },
      '1\n2\n',
    ],
    [
      'pages by cursor, with a total',
      { items: 'd', paging: { cursor: { path: 'c', parameter: 'after' }, total: 'n' } },
      {
        [first]: { text: '{"d":[1],"c":"a/b","n":3}' },
        'https://hr.example.com/people?all=1&after=a%2Fb': { text: '{"d":[],"c":7}' },
        'https://hr.example.com/people?all=1&after=7': { text: '{"d":[2,3],"c":"","n":3}' },
      },
      '1\n2\n3\n',
    ],
  ])('%s', async (_, place, pages, expected) => {
    expect(await read(place, pages)).toBe(expected);
  });
});

describe('an answer is incomplete where', () => {
  test.each<[string, Partial<HttpPlace>, Readonly<Record<string, Page>>, ErrorCode, RegExp]>([
    [
      'it is refused',
      {},
      { [first]: { status: 401 } },
      'http.refused',
      /people was answered with 401; check source\.auth/,
    ],
    [
      'it is a redirect',
      {},
      { [first]: { status: 302, headers: { location: 'https://other.example.com/?t=secret' } } },
      'http.refused',
      /redirect to other\.example\.com,/,
    ],
    ['it has no content', {}, { [first]: { status: 204 } }, 'http.refused', /204/],
    ['it is a part', {}, { [first]: { status: 206, text: '[]' } }, 'http.refused', /206/],
    ['it is HTML with 200', {}, { [first]: { text: '<!DOCTYPE html><p>login' } }, 'http.notData', /HTML/],
    [
      'it is HTML instead of CSV',
      { body: 'csv' },
      { [first]: { text: '\n<html>\n<p>login</p>\n' } },
      'http.notData',
      /HTML/,
    ],
    [
      'it is an error with 200',
      {},
      { [first]: { text: '{"error":"personal text"}' } },
      'http.notData',
      /no list.*"error"\. /,
    ],
    [
      'the list is elsewhere',
      { items: 'data' },
      { [first]: { text: '{"people":[]}' } },
      'http.notData',
      /no list at "data".*"people"/,
    ],
    ['the JSON is cut', {}, { [first]: { text: '[{"id":1}' } }, 'http.notData', /not valid JSON/],
    ['it is not UTF-8', {}, { [first]: { text: Buffer.from('["\xfc"]', 'latin1') } }, 'http.notData', /UTF-8/],
    ['it breaks off', { body: 'csv' }, { [first]: { text: 'id\n1\n', breaksOff: true } }, 'http.truncated', /5 bytes/],
    [
      'it has no length and no end',
      { body: 'csv' },
      { [first]: { text: 'id\n1', headers: {} } },
      'http.truncated',
      /no length/,
    ],
    [
      'it is too large',
      { body: 'csv' },
      { [first]: { text: `id\n${'1\n'.repeat(6000)}` } },
      'http.tooLarge',
      /maxMegabytes/,
    ],
    ['a page is missing', {}, { [first]: { text: '[1]', headers: linkTo(second) } }, 'http.refused', /page 2.*404/],
    [
      'a page leads to itself',
      {},
      { [first]: { text: '[1]', headers: linkTo('?all=1') } },
      'http.pageLoop',
      /page 2.*read before/,
    ],
    [
      'pages are the same',
      {},
      { [first]: { text: '[1]', headers: linkTo(second) }, [second]: { text: ' [1]' } },
      'http.pageLoop',
      /same rows/,
    ],
    [
      'a page is at another server',
      {},
      { [first]: { text: '[1]', headers: linkTo('https://evil.example.com/people?page=2') } },
      'http.otherOrigin',
      /evil\.example\.com/,
    ],
    [
      'a page is not encrypted',
      {},
      { [first]: { text: '[1]', headers: linkTo('http://hr.example.com/people?page=2') } },
      'http.otherOrigin',
      /http:\/\//,
    ],
    [
      'a page has other columns',
      { body: 'csv' },
      { [first]: { text: 'id\n1\n', headers: linkTo(second) }, [second]: { text: 'sn\n2\n' } },
      'http.notData',
      /header differs/,
    ],
    [
      'the next page is an object',
      { items: 'd', paging: { next: 'n' } },
      { [first]: { text: '{"d":[],"n":{}}' } },
      'http.notData',
      /neither/,
    ],
    [
      'the total differs',
      { items: 'd', paging: { total: 'n' } },
      { [first]: { text: '{"d":[1,2],"n":3}' } },
      'http.totalWrong',
      /3 items in total, and 2/,
    ],
    [
      'the total is missing',
      { items: 'd', paging: { total: 'n' } },
      { [first]: { text: '{"d":[1]}' } },
      'http.totalWrong',
      /no number at "n"/,
    ],
  ])('%s', async (_, place, pages, code, message) => {
    const reading = read(place, pages);
    await expect(reading).rejects.toThrow(IncompleteReading);
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(reading).rejects.not.toMatchObject({ message: expect.stringMatching(/secret|personal|all=1/) });
  });

  test('no request is sent to another server', async () => {
    const requests: string[] = [];
    const pages = { [first]: { text: '[1]', headers: linkTo('//evil.example.com/') } };
    await expect(read({}, pages, requests)).rejects.toMatchObject({ code: 'http.otherOrigin' });
    expect(requests).toEqual([first]);
  });
});
