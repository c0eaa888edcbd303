import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tables } from '../state.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'operating.md'), 'utf8');
const section = page.split('\n## ').find((one) => one.startsWith('What does the state keep')) ?? '';

/** The tables of the page: the first cells, in backticks. */
const tablesWithRule = [...section.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
);

test('each table of the state has a rule of how long its rows are kept, in docs/operating.md', () => {
  const names = tables()
    .prepare(`select name from sqlite_schema where type = 'table' and name not glob 'sqlite_*' order by name`)
    .pluck()
    .all();
  expect(tablesWithRule.toSorted()).toEqual(names);
});
