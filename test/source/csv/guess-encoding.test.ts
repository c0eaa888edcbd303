import { expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { guessEncoding } from '../../../src/source/csv/encodings/guess-encoding.ts';

const german = 'Müller\nJürgen Groß\nKäthe Schröder\n';
const polish = 'Łukasz Wiśniewski\nBożena Kość\nŻaneta Dąbrowska\n';
const czech = 'Dvořák Jiří\nNěmcová Růžena\nŠťastný\n';
const russian = 'Иванов Иван\nПётр Смирнов\nЕкатерина\n';
const greek = 'Γιώργος Παπαδόπουλος\nΕλένη\n';
const japanese = '山田 たろう\n鈴木 ハナコ\n佐藤 さくら\n';
const chinese = '张伟\n王芳\n李娜\n刘洋\n陈静\n';
const traditional = '陳美玲\n林志明\n黃淑芬\n';
const korean = '김철수\n이영희\n박지성\n';

test.each([
  ['utf-8', german],
  ['windows-1252', german],
  ['windows-1252', 'François Lefèvre\nHélène Garçon\n'],
  ['windows-1250', polish],
  ['windows-1250', czech],
  ['windows-1251', russian],
  ['koi8-r', russian],
  ['windows-1253', greek],
  ['shift_jis', japanese],
  ['euc-jp', japanese],
  ['gb18030', chinese],
  ['big5', traditional],
  ['euc-kr', korean],
])('%s', (encoding, text) => {
  expect(guessEncoding(iconv.encode(text, encoding))).toBe(encoding);
});

test('bytes that are no text', () => {
  expect(guessEncoding(Buffer.from([0xff, 0x80, 0x81, 0xa0, 0x98, 0x0a]))).toBeUndefined();
});
