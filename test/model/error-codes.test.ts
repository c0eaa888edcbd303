import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { guardCodes, issueCodes, operatorErrorCodes, readingNoticeCodes } from '../../src/model/error-codes.ts';

const root = join(import.meta.dirname, '..', '..');
const codes: Readonly<Record<string, string>> = {
  ...operatorErrorCodes,
  ...guardCodes,
  ...issueCodes,
  ...readingNoticeCodes,
};

test('docs/operating.md lists every code with its meaning', () => {
  const rows = readFileSync(join(root, 'docs', 'operating.md'), 'utf8').matchAll(/^\| `(\w+\.\w+)` +\| (.+?) +\|$/gm);
  expect(Object.fromEntries([...rows].map(([, code, meaning]) => [code, meaning]))).toEqual(codes);
});

test('every code is in use', () => {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('error-codes.ts'))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
    .join('\n');
  expect(Object.keys(codes).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});
