import { describe, expect, test } from '@jest/globals';
import { ExpressionSyntaxError } from '../../src/desired/expression.ts';
import { compileRowCondition } from '../../src/desired/row-condition.ts';
import type { Attributes } from '../../src/model/record.ts';

describe('a condition for rows', () => {
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
    const rule = compileRowCondition(text, 'user');
    expect(rule.text).toBe(text);
    expect(rule.evaluate(attributes)).toEqual(expected);
  });

  test('names the columns that it reads', () =>
    expect([...(compileRowCondition("user.a == '' || user['b c'] == 'x'", 'user').usedAttributes ?? [])]).toEqual([
      'a',
      'b c',
    ]));

  test.each(['user.status ==', 'size(user.status)', 'values.status', 'group.status == "A"'])('%s is refused', (text) =>
    expect(() => compileRowCondition(text, 'user')).toThrow(ExpressionSyntaxError),
  );

  test.each([
    ['group', "group.name.startsWith('app-')"],
    ['membership', "membership.role != 'guest'"],
    ['membership', "values.role == ['guest']"],
  ] as const)('about a %s: %s', (subject, text) => {
    const rule = compileRowCondition(text, subject);
    expect([rule.evaluate({ name: ['app-x'], role: ['guest'] }), rule.evaluate({ name: ['x'], role: ['a'] })]).toEqual(
      subject === 'membership' && text.includes('!=') ? [false, true] : [true, false],
    );
    expect(() => compileRowCondition(text.replace(/^(group|membership|values)/, 'person'), subject)).toThrow(
      ExpressionSyntaxError,
    );
  });
});
