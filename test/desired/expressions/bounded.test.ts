import { describe, expect, test } from '@jest/globals';
import {
  compileExpression,
  ExpressionSyntaxError,
  type ExpressionResult,
  type ExpressionSubject,
} from '../../../src/desired/expression.ts';
import { recordContext, resourceContext } from '../../../src/desired/expression-context.ts';
import type { Json } from '../../../src/model/resource.ts';

const many = Array.from({ length: 20_000 }, (_, index) => `value ${index}`);
const long = 'a'.repeat(1_000_000);
const attributes = {
  mail: ['Ada@Example.com', 'ada@home.example'],
  digits: ['1'.repeat(50_000)],
  none: ['x'],
  pattern: ['^(a+)+$'],
  open: ['('],
  many,
  long: [long],
};
const record = recordContext('User', attributes);
const evaluate = (text: string): ExpressionResult => compileExpression(text, 'user').evaluate(record);
const value = (it: Json): ExpressionResult => ({ kind: 'value', value: it });
const failure = (message: RegExp): unknown => ({ kind: 'error', message: expect.stringMatching(message) });

describe('limits change no value', () => {
  test.each<[string, Json]>([
    ['values.mail.map(m, m.lowerAscii() + "!")', ['ada@example.com!', 'ada@home.example!']],
    ['(values.mail + values.none) // all\n  .filter(m, !m.matches("[@]home")).size()', 2],
    ['values.mail.all(m, values.mail.exists(n, n == m))', true],
    ['values.mail.map(m, m.endsWith(".com"), m.split("@")[0]).join(",")', 'Ada'],
    ['values.none.map(n, values.mail.filter(m, false).join(",") + n)', ['x']],
    ['values.mail.exists_one(m, m.size() > 15 || m in values.none)', true],
    ['cel.bind(m, user.mail, m + m)', 'Ada@Example.comAda@Example.com'],
    ['cel.bind(n, values.mail.size(), n * 2 + 1)', 5],
    ['{"a": 1, "b": 2}.all(k, k != "c")', true],
    ['[1, 2, 3].map(n, n % 2 == 0, double(n) / 4.0)', [0.5]],
    ['values.none.map(n, {"value": n, "size": n.size()})', [{ value: 'x', size: 1 }]],
    ['values.none.map(n, timestamp("2024-01-01T00:00:00Z") + duration("24h"))', ['2024-01-02T00:00:00.000Z']],
    ['values.none.all(n, has(user.mail) && (has(user.phone) ? false : n != "y"))', true],
    ['"a.b".replace(".", "-") + "".replace("", "x")', 'a-bx'],
  ])('%s', (text, expected) => expect(evaluate(text)).toEqual(value(expected)));

  test.each([
    ['values.mail.map(m, m + user.phone)', 'user.phone'],
    ['values.mail.map(m, values.phone[0])', 'values.phone'],
    ['values.mail.map(m, m)[7] == ""', 'values.mail.map(m, m)[7]'],
  ])('a missing name is shown as the operator wrote it: %s', (text, name) =>
    expect(evaluate(text)).toEqual({ kind: 'missing', name }),
  );

  test('a resource has values of any type', () => {
    const resource = resourceContext({ emails: [{ value: 'a@x.example' }, 7, null, [true]], name: { a: 1.5 } });
    const of = (text: string): ExpressionResult => compileExpression(text, 'resource').evaluate(resource);
    expect(of('scim.emails.map(e, type(e) == type({}))')).toEqual(value([true, false, false, false]));
    expect(of('scim.name.all(k, scim.name[k] > 1.0)')).toEqual(value(true));
    expect(of('scim.emails.all(e, e.value.matches("^a"))')).toEqual({ kind: 'missing', name: 'e.value' });
    expect(of('scim.emails.map(e, e + e)')).toEqual(failure(/no such overload: .*map<string, string>> \+/));
  });
});

describe('an evaluation ends, whatever the values are', () => {
  test.each<[string, unknown]>([
    ['user.long.matches("^(a+)+$") && !(user.long + "b").matches("^(a+)+$")', value(true)],
    ['user.long.matches(user.pattern)', value(true)],
    ['"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab".matches("(a|a)*c")', value(false)],
    ['values.many.all(a, values.many.exists(b, b == a))', failure(/needs more than 10,000,000 steps/)],
    ['values.many.all(a, values.many.exists(b, b == a)) || true', failure(/steps/)],
    ['values.many.exists(a, user.long.split("").size() < 0)', failure(/steps/)],
    ['values.many.map(a, values.many + values.many).size()', failure(/steps/)],
    ['user.long.replace("", user.long).replace("", user.long)', failure(/steps/)],
    ['user.long.matches("((a{0,100}){0,10}){0,1}b")', failure(/steps/)],
    [`${'cel.bind(x, '.repeat(40)}values.mail${', x + x)'.repeat(40)}.size()`, failure(/steps/)],
    ['duration(user.digits)', failure(/duration\(\) reads at most 100 characters, and this text has 50000/)],
    ['values.many.map(m, user.long).join("").size()', failure(/string length/)],
    ['user.mail.matches(user.open)', failure(/not a regular expression \(RE2\): missing closing \)/)],
    ['values.mail.map(m, timestamp("2024-01-01T00:00:00Z").getHours(m))', failure(/time zone/)],
    ['b"[[[".json()', failure(/JSON/)],
  ])('%s', (text, expected) => expect(evaluate(text)).toEqual(expected));

  test('deep values and long chains concern their expression', () => {
    expect(compileExpression(Array(1000).fill('user.mail').join(' + '), 'user').evaluate(record).kind).not.toBe(
      'missing',
    );
    expect(() => compileExpression(`${'('.repeat(5000)}1${')'.repeat(5000)}`, 'user')).toThrow(ExpressionSyntaxError);
    expect(() => compileExpression(Array(90_000).fill('user.mail').join('+'), 'user')).toThrow(ExpressionSyntaxError);
  });
});

describe('a pattern that RE2 does not have is a syntax error with its position', () => {
  test.each<[string, ExpressionSubject, string]>([
    [
      'user.a.matches("(?=x)y")',
      'user',
      '"(?=x)y" at line 1, column 16: regular expressions (RE2) have no look-around',
    ],
    [
      'true &&\n user.a.matches("(?<!x)y")',
      'user',
      'at line 2, column 17: regular expressions (RE2) have no look-around',
    ],
    ['group.a.matches(r"(a)\\1")', 'group', 'have no backreferences, such as \\1'],
    ['values.a.all(x, x.matches("("))', 'user', 'it is not a regular expression (RE2): missing closing )'],
    ['scim.a.matches("a{2000}")', 'resource', 'it is not a regular expression (RE2): invalid repeat count ({2000})'],
  ])('%s', (text, subject, message) => {
    expect(() => compileExpression(text, subject)).toThrow(ExpressionSyntaxError);
    expect(() => compileExpression(text, subject)).toThrow(message);
  });

  test.each(['charged', 'matches_in_linear_time'])(
    'the function %s of bounded expressions has no public name',
    (name) => expect(() => compileExpression(`user.a.${name}()`, 'user')).toThrow(`'string.${name}()'`),
  );
});
