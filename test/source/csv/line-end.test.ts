import { expect, test } from '@jest/globals';
import { findLineEnd, toLineFeeds, type LineEnd } from '../../../src/source/csv/line-end.ts';

test.each<[string, boolean, LineEnd | undefined]>([
  ['id,name\n1,a\r', true, 'lf'],
  ['id,name\r\n1,a', true, 'lf'],
  ['id,name\r1,a\r', true, 'cr'],
  ['id,"a\nb"\r1', true, 'cr'],
  ['id,"a\rb"\n1', true, 'lf'],
  ['id,name\r', true, 'cr'],
  ['id,name\r', false, undefined],
  ['id,name', false, undefined],
  ['id,name', true, 'lf'],
  ['', true, 'lf'],
])('%j, whole %j: %j', (head, isWhole, expected) => {
  expect(findLineEnd(Buffer.from(head), isWhole)).toBe(expected);
});

test('carriage returns become line feeds, and the chunk stays as it is', async () => {
  const chunk = Buffer.from('a\rb\rc');
  const chunks = async function* (): AsyncGenerator<Buffer> {
    yield chunk;
  };
  const results: string[] = [];
  for await (const bytes of toLineFeeds(chunks())) results.push(bytes.toString());
  expect(results).toEqual(['a\nb\nc']);
  expect(chunk.toString()).toBe('a\rb\rc');
});
