import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const page = readFileSync(join(docs, 'security.md'), 'utf8');
const readTest = (link: string): string | undefined => {
  const file = join(docs, link);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

interface DocumentedPromise {
  readonly promise: string;
  /** The link to the file of the tests, and the names of the tests. */
  readonly proof: string;
}

/** The rows of all tables with the columns "promise" and "test". */
function promisesOf(text: string): readonly DocumentedPromise[] {
  const tables = text.split(/\n\n+/).filter((part) => /^\| promise +\| test +\|/.test(part));
  return tables.flatMap((table) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => {
        const [, promise = '', proof = ''] =
          row.split(' | ').length === 2 ? (/^\| (.*) \| (.*) \|$/.exec(row) ?? []) : [];
        return { promise: promise.trim(), proof: proof.trim() };
      }),
  );
}

/** What is wrong with the proof of a promise; undefined: a test has each name. */
function mistakeIn({ proof }: DocumentedPromise, read: typeof readTest): string | undefined {
  const [, link = '', rest = ''] = /^\[[^\]]+\]\((\.\.\/test\/[^)]+\.test\.ts)\): (.+)$/.exec(proof) ?? [];
  const names = [...rest.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  if (names.length === 0) return `no test is named: ${proof}`;
  const text = read(link);
  if (text === undefined) return `${link} does not exist`;
  const missing = names.filter((name) => !["'", '"', '`'].some((quote) => text.includes(quote + name + quote)));
  return missing.length === 0 ? undefined : `${link} has no test ${missing.join(', ')}`;
}

describe('docs/security.md', () => {
  test.each(promisesOf(page))('has a test for: $promise', (promise) => {
    expect(promise.promise).not.toBe('');
    expect(mistakeIn(promise, readTest)).toBeUndefined();
  });

  test('has promises about each party', () => {
    const parties = page.split(/^## /m).filter((section) => promisesOf(section).length > 0);
    expect(parties.map((section) => section.split('\n')[0])).toEqual([
      'A wrong or hostile source',
      'A faulty or hostile target',
      'The network',
      'Other users of the host',
      'Mistakes and accidents of operators',
    ]);
  });
});

describe('the check of proofs', () => {
  const read = (link: string): string | undefined =>
    link === '../test/a.test.ts' ? `test('one', …); test.each([["two", 2]])` : undefined;

  test.each([
    ['[a](../test/a.test.ts): `one`, `two`', undefined],
    ['[a](../test/a.test.ts): `on`', '../test/a.test.ts has no test on'],
    ['[a](../test/b.test.ts): `one`', '../test/b.test.ts does not exist'],
    ['[a](../test/a.test.ts)', 'no test is named: [a](../test/a.test.ts)'],
    ['', 'no test is named: '],
  ])('%j: %s', (proof, expected) => {
    expect(mistakeIn({ promise: 'p', proof }, read)).toBe(expected);
  });

  test('a row that is not read is a mistake', () => {
    expect(promisesOf('| promise | test |\n| --- | --- |\n| a | b |\n| a | b | c |')).toEqual([
      { promise: 'a', proof: 'b' },
      { promise: '', proof: '' },
    ]);
  });
});
