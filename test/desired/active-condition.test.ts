import { describe, expect, test } from '@jest/globals';
import { compileActiveCondition } from '../../src/desired/active-condition.ts';
import { ExpressionSyntaxError } from '../../src/desired/expression.ts';
import type { Attributes } from '../../src/model/record.ts';

describe('who is active', () => {
  test.each<[string, Attributes, boolean | { error: string }]>([
    ["user.status == 'A'", { status: ['A'] }, true],
    ["user.status == 'A'", { status: ['T'] }, false],
    ["user.status == 'A'", {}, false],
    ["user.end_date == ''", {}, true],
    ["user.end_date == ''", { end_date: ['2024-01-01'] }, false],
    ["user.status != 'T' && user.end_date == ''", { status: ['A'] }, true],
    ['!has(user.end_date)', {}, true],
    ['!has(user.end_date)', { end_date: ['2024-01-01'] }, false],
    ["has(user.end_date) ? false : user.status == 'A'", { status: ['A'] }, true],
    ["user['End Date'] == ''", {}, true],
    ['user.enabled', { enabled: [' TRUE '] }, true],
    ['user.enabled', { enabled: ['false'] }, false],
    ['user.enabled', { enabled: ['1'] }, { error: 'gives "1", not true or false' }],
    ['user.enabled', {}, { error: 'gives "", not true or false' }],
    ['int(user.level) > 1', { level: ['high'] }, { error: 'int() type error: cannot convert to int' }],
    // The package takes an empty text for the integer 0, so a blank level is level 0.
    ['int(user.level) > 1', {}, false],
    ["user[user.field] == ''", { field: ['x'] }, { error: 'user[user.field] is missing' }],
  ])('%s of %j', (text, attributes, expected) => {
    const rule = compileActiveCondition(text);
    expect(rule.text).toBe(text);
    expect(rule.evaluate(attributes)).toEqual(expected);
  });

  test('names the columns that it reads', () =>
    expect([...(compileActiveCondition("user.a == '' || user['b c'] == 'x'").usedAttributes ?? [])]).toEqual([
      'a',
      'b c',
    ]));

  test.each(['user.status ==', 'size(user.status)', 'values.status', 'group.status == "A"'])('%s is refused', (text) =>
    expect(() => compileActiveCondition(text)).toThrow(ExpressionSyntaxError),
  );
});
