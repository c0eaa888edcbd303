import { describe, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { fittingEncodings } from '../../../src/source/csv/encodings/guess-encoding.ts';

const german = 'Müller\nJürgen Groß\nKäthe Schröder\n';
const polish = 'Łukasz Wiśniewski\nBożena Kość\nŻaneta Dąbrowska\n';
const czech = 'Dvořák Jiří\nNěmcová Růžena\nŠťastný\n';
const russian = 'Иванов Иван\nПётр Смирнов\nЕкатерина\n';
const greek = 'Γιώργος Παπαδόπουλος\nΕλένη\n';
const japanese = '山田 たろう\n鈴木 ハナコ\n佐藤 さくら\n';
const kanjiOnly = '佐藤\n鈴木\n高橋\n田中\n渡辺\n';
const turkish = 'Ayşe Yılmaz\nŞahin Çelik\nGüneş Öztürk\n';
const hebrew = 'כהן\nלוי\nמזרחי\nפרץ\nביטון\n';
const arabic = 'محمد\nأحمد علي\nفاطمة\nخالد\n';
const thai = 'สมชาย\nสมหญิง ใจดี\nมานะ\n';
const chinese = '张伟\n王芳\n李娜\n刘洋\n陈静\n';
const traditional = '陳美玲\n林志明\n黃淑芬\n';
const korean = '김철수\n이영희\n박지성\n';

test.each([
  ['utf-8', german],
  ['windows-1252', german],
  ['windows-1252', 'François Lefèvre\nHélène Garçon\n'],
  ['macintosh', german],
  ['macintosh', 'François Lefèvre\nHélène Garçon\n'],
  ['cp850', german],
  ['windows-1252', 'Anna MüllerJürgens\nJörgBauer\n'],
  ['iso-8859-2', polish],
  ['iso-8859-2', czech],
  ['cp852', czech],
  ['windows-1250', polish],
  ['windows-1250', czech],
  ['windows-1251', russian],
  ['koi8-r', russian],
  ['iso-8859-5', russian],
  ['cp866', russian],
  ['windows-1253', greek],
  ['windows-1254', turkish],
  ['windows-1255', hebrew],
  ['windows-1256', arabic],
  ['windows-874', thai],
  ['shift_jis', japanese],
  ['shift_jis', kanjiOnly],
  ['euc-jp', japanese],
  ['euc-jp', kanjiOnly],
  ['gb18030', chinese],
  ['big5', traditional],
  ['euc-kr', korean],
])('%s', (encoding, text) => {
  expect(fittingEncodings(iconv.encode(text, encoding), [])).toEqual([encoding]);
});

test('bytes that are no text', () => {
  expect(fittingEncodings(Buffer.from([0xff, 0x80, 0x81, 0xa0, 0x98, 0x0a]), [])).toEqual([]);
});

describe('with values of the last reading', () => {
  const hungarian = 'Kőszegi Ödön\nFűri Ágnes\nTóth Zoltán\n';
  const westernEurope = 'Zoë Müller\nJosé Pérez\n';

  test.each([
    ['macintosh', german],
    ['cp437', german],
    ['cp852', polish],
    ['iso-8859-2', hungarian],
    ['windows-1250', hungarian],
    ['windows-1252', westernEurope],
    ['koi8-u', 'Їжак Ґанна\nЄва\n'],
    ['cp866', russian],
    ['gb18030', chinese],
  ])('%s is among those that give most of them', (encoding, text) => {
    const bytes = iconv.encode(`${text}Neuer Name: Žižka\n`, encoding);
    expect(fittingEncodings(bytes, text.split('\n'))).toContain(encoding);
  });

  test('an encoding that gives other letters is not named', () => {
    const bytes = iconv.encode(hungarian, 'iso-8859-2');
    expect(fittingEncodings(bytes, hungarian.split('\n'))).not.toContain('windows-1252');
    expect(fittingEncodings(bytes, ['Größe'])).toEqual([]);
    // Without a value beyond ASCII, the plausibility of the letters decides.
    expect(fittingEncodings(iconv.encode(german, 'windows-1252'), ['Meyer'])).toEqual(['windows-1252']);
  });
});
