import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMentionIndex } from '../../../src/plan/reading/mention-index.ts';

function isMentioned(text: string, value: string): boolean {
  const index = createMentionIndex();
  index.add(7, text);
  return index.find(value) === 7;
}

describe('a text mentions a value', () => {
  test.each<[string, string, string, boolean]>([
    ['a key', '1004;Ada', '1004', true],
    ['a key beside letters, where delimiters are lost', '1004Ada', '1004', true],
    ['a key with letters', 'E-1004;Ada', 'e1004', true],
    ['not the first digits of a number', '10045;Ada', '1004', false],
    ['not the last digits of a number', '21004', '1004', false],
    ['a name', '"Lovelace, Ada"', 'Lovelace', true],
    ['in other letter case', 'LOVELACE', 'lovelace', true],
    ['ß and SS', 'STRASSER;Eva', 'Straßer', true],
    ['not without its accents', 'ΠΑΠΑΔΟΠΟΥΛΟΣ', 'Παπαδόπουλος', false],
    ['a final sigma', 'ΛΑΜΠΡΟΣ', 'Λαμπρος', true],
    ['composed and decomposed', 'Mu\u0308ller', 'M\u00fcller', true],
    ['with invisible characters', 'Love\u00adlace\u200b', 'Lovelace', true],
    ['of two words', 'van der Berg;x', 'van der Berg', true],
    ['of two words with another separator', 'Müller-Lüdenscheidt', 'Müller Lüdenscheidt', true],
    ['not words in another order', 'Berg van der', 'van der Berg', false],
    ['not a part of a word', 'Total of all employees', 'Ploy', false],
    ['not the beginning of a word', 'Leeds', 'Lee', false],
    ['not the end of a word', 'fleet Employee', 'yee', false],
    ['an e-mail address', 'x;ada.l@corp.example;y', 'ADA.L@corp.example', true],
    ['not another address of the domain', 'x;bob@corp.example', 'ada@corp.example', false],
    ['the last word', 'Ada Lovelace', 'Lovelace', true],
    ['the only word', 'Lovelace', 'Lovelace', true],
    ['ideographs', '王小明;sales', '小明', true],
    ['not one ideograph', '王小明', '王', false],
    ['not a short value', 'Ng;12;A.B', 'Ng', false],
    ['not a short number', 'Ng;12;A.B', '12', false],
    ['not two letters and a point', 'A.B', 'A.B', false],
    ['not a blank value', 'Ada', '  ', false],
    ['not punctuation', '---', '---', false],
    ['nothing in an empty text', '', 'Lovelace', false],
  ])('%s', (_, text, value, expected) => {
    expect(isMentioned(text, value)).toBe(expected);
  });

  test('a long value is compared by its first characters', () => {
    const long = 'abcdefghij '.repeat(40);
    expect(isMentioned(`x ${long} y`, long)).toBe(true);
    expect(isMentioned(`x ${long.slice(0, 60)} y`, long)).toBe(false);
  });

  test('the result names the text', () => {
    const index = createMentionIndex();
    for (const [line, text] of ['Ada Lovelace', 'Grace Hopper', 'Alan Turing'].entries()) index.add(line, text);
    expect(['Lovelace', 'Hopper', 'Turing', 'Babbage'].map((name) => index.find(name))).toEqual([0, 1, 2, undefined]);
    index.add(9, 'Charles Babbage');
    expect(index.find('Babbage')).toBe(9);
    // Words of two texts are no sequence.
    expect(index.find('Lovelace Grace')).toBeUndefined();
  });

  test('any word sequence of any of the texts is found, and nothing else', () => {
    const words = fc.array(fc.constantFrom('ada', 'adam', 'lee', '123', '1234', 'müller', 'x'), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 5 }), words, (texts, value) => {
        const index = createMentionIndex();
        for (const [line, text] of texts.entries()) index.add(line, text.join(';'));
        const wanted = `,${value.join(',')},`;
        const found = index.find(value.join(' '));
        const isLong = value.join('').length >= 3;
        expect(found !== undefined).toBe(isLong && texts.some((text) => `,${text.join(',')},`.includes(wanted)));
        if (found !== undefined) expect(`,${(texts[found] ?? []).join(',')},`).toContain(wanted);
      }),
    );
  });

  test('it holds a limited number of characters', () => {
    const index = createMentionIndex(30);
    index.add(1, 'Ada Lovelace');
    expect(index.isFull).toBe(false);
    index.add(2, 'Grace Hopper of the Navy');
    expect(index.isFull).toBe(true);
    expect(index.find('Lovelace')).toBe(1);
  });
});
