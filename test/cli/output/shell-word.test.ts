import { expect, test } from '@jest/globals';
import { shellWord } from '../../../src/cli/output/shell-word.ts';

test.each([
  ['ada@corp.example', 'ada@corp.example'],
  ['e-00_1+2', 'e-00_1+2'],
  ['Ada Lovelace', "'Ada Lovelace'"],
  ["O'Hara", String.raw`'O'\''Hara'`],
  ['$(reboot)', "'$(reboot)'"],
  ['', "''"],
])('%j is the word %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
