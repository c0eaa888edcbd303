import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { codingsOf } from '../../../../src/scim/transport/network/content-codings.ts';
import { decompress } from '../../../../src/scim/transport/network/decompress.ts';

const text = Buffer.from('{"id":"7"}');

describe('the codings of Content-Encoding', () => {
  test.each([
    [undefined, []],
    ['', []],
    ['identity', []],
    ['gzip', ['gzip']],
    [' GZip , br', ['gzip', 'br']],
  ])('%s', (field, expected) => expect(codingsOf(field)).toEqual(expected));
});

describe('decompression', () => {
  test.each([
    ['no coding', text, []],
    ['gzip', gzipSync(text), ['gzip']],
    ['x-gzip', gzipSync(text), ['x-gzip']],
    ['deflate', deflateSync(text), ['deflate']],
    ['deflate without its header', deflateRawSync(text), ['deflate']],
    ['br', brotliCompressSync(text), ['br']],
    ['two codings', brotliCompressSync(gzipSync(text)), ['gzip', 'br']],
  ])('%s', async (_, body, codings) => expect(await decompress(body, codings, 100)).toEqual(text));

  test('an empty body of a 204 stays empty', async () => {
    expect(await decompress(Buffer.alloc(0), ['gzip'], 100)).toEqual(Buffer.alloc(0));
  });

  test.each([
    ['an unknown coding', text, ['constructor'], /unknown Content-Encoding "constructor"/],
    ['a damaged body', text, ['gzip'], /incorrect header/],
    ['a body that ends early', gzipSync(text).subarray(0, 20), ['gzip'], /unexpected end/],
  ])('%s is an error', async (_, body, codings, message) => {
    await expect(decompress(body, codings, 100)).rejects.toThrow(message);
  });

  test.each([
    ['gzip', gzipSync(Buffer.alloc(101)), ['gzip']],
    ['br', brotliCompressSync(Buffer.alloc(101)), ['br']],
    ['two codings', gzipSync(gzipSync(Buffer.alloc(100_000))), ['gzip', 'gzip']],
  ])('%s with a result of more than 100 bytes has none', async (_, body, codings) => {
    expect(await decompress(body, codings, 100)).toBeUndefined();
  });
});
