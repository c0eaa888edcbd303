import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { visibleLine, visibleText } from '../../../src/model/text/visible.ts';
import '../../world/fixed-seed.ts';

describe('hidden characters', () => {
  test.each([
    ['a line break', 'ada\n+ create user eve', 'ada\\n+ create user eve'],
    ['a carriage return', 'ada\rnothing to do', 'ada\\rnothing to do'],
    ['a tab', 'a\tb', 'a\\tb'],
    ['an escape sequence of a terminal', '\u001b[2J\u001b]0;title\u0007', '\\u001b[2J\\u001b]0;title\\u0007'],
    ['C1 controls', 'a\u009b2Jb', 'a\\u009b2Jb'],
    ['a mark of direction', 'ada\u202Egpj.exe', 'ada\\u202egpj.exe'],
    ['isolates', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['separators', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['no width', 'a\u200bb\ufeff\u2060', 'a\\u200bb\\ufeff\\u2060'],
    ['tags', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
  ])('%s', (_, text, shown) => {
    expect(visibleLine(text, false)).toBe(shown);
    expect(visibleLine(text, true)).toBe(shown);
  });

  test.each(['Núria Åberg', '李雷', 'می‌خواهم', '👩‍👩‍👧', 'שלום', 'a  b', '"quoted" \\ back'])(
    '%s stays as it is',
    (text) => {
      expect(visibleLine(text, true)).toBe(text);
    },
  );

  test('in a JSON line keep their meaning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(JSON.parse(visibleLine(JSON.stringify({ value }), false))).toEqual({ value });
      }),
    );
  });
});

describe('colours', () => {
  test('stay on a terminal, except one that conceals', () => {
    expect(visibleLine('\u001b[31mred\u001b[39m\u001b[8mx', true)).toBe('\u001b[31mred\u001b[39m\\u001b[8mx');
  });

  test('are escaped elsewhere', () => {
    expect(visibleLine('\u001b[31mred', false)).toBe('\\u001b[31mred');
  });
});

test('a text keeps its line breaks', () => {
  expect(visibleText('two mistakes:\n  a\tb\n', false)).toBe('two mistakes:\n  a\\tb\n');
});
