import { expect, test } from '@jest/globals';
import type { Encoding } from '../../../src/model/reading/encodings.ts';
import { openMisreadings } from '../../../src/source/csv/encodings/misreadings.ts';

test.each<[string, string, Encoding, boolean]>([
  // before, now, the encoding in which the file is read, expected
  ['Schröder', 'Schrڑder', 'windows-1256', true],
  ['Schröder', 'Schršder', 'windows-1252', true],
  ['Schröder', 'Schršder', 'latin1', true],
  ['Kőszegi', 'Kõszegi', 'windows-1252', true],
  ['Kőszegi', 'Kõszegi', 'iso-8859-1', true],
  ['Иванов', 'Έβάξύβ', 'windows-1253', false],
  ['Иванов', 'хБЮМНБ', 'koi8-r', true],
  ['陳美玲', '劃壅', 'gb18030', false],
  ['Müller', 'Maier', 'windows-1252', false],
  ['Müller', 'Mueller', 'windows-1252', false],
  ['Отдел продаж', 'Отдел закупок', 'windows-1251', false],
  // Bytes that are invalid in UTF-8 are found when they are decoded.
  ['Schröder', 'Schršder', 'utf-8', false],
])('%s → %s, read in %s', (before, now, encoding, expected) => {
  expect(openMisreadings([encoding])(before, now)).toBe(expected);
});

test('after many values, only pairs of encodings that matched are compared', () => {
  const isMisreading = openMisreadings(['windows-1252']);
  expect(isMisreading('Schröder', 'Schršder')).toBe(true);
  for (let index = 0; index < 600; index += 1) expect(isMisreading(`Größe ${index}`, `Maß ${index}`)).toBe(false);
  expect(isMisreading('Ödön', '…dšn')).toBe(true);
  expect(isMisreading('Kőszegi', 'Kõszegi')).toBe(false);
});
