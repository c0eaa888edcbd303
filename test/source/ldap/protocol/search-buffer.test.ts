import { expect, test } from '@jest/globals';
import { SearchBuffer } from '../../../../src/source/ldap/protocol/search-buffer.ts';

const entry = (text: string) => ({ kind: 'entry', bytes: Buffer.from(text), controls: [] }) as const;

test('entries that arrive in packets of their own, one right after the other, share a batch', async () => {
  const buffer = new SearchBuffer(() => undefined);
  const batch = buffer.read();
  for (const text of ['one', 'two', 'three']) {
    buffer.push(entry(text));
    await Promise.resolve();
  }
  expect(await batch).toEqual([entry('one'), entry('two'), entry('three')]);
});

test('a failure does not take the entries before it', async () => {
  const buffer = new SearchBuffer(() => undefined);
  const batch = buffer.read();
  buffer.push(entry('one'));
  buffer.fail(new Error('the connection broke'));
  expect(await batch).toEqual([entry('one')]);
  await expect(buffer.read()).rejects.toThrow('the connection broke');
});
