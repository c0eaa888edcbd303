import { Environment } from '@marcbachmann/cel-js';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compileExpression,
  ExpressionSyntaxError,
  type ExpressionSubject,
  type ExpressionResult,
} from '../../src/desired/expression.ts';
import { recordContext, resourceContext } from '../../src/desired/expression-context.ts';
import type { Json } from '../../src/model/resource.ts';

const attributes = {
  mail: ['Ada@Example.com', 'ada@home.example'],
  givenName: ['Ada'],
  sn: ['Lovelace'],
  number: ['42'],
  'Cost Center': ['77'],
  constructor: ['odd'],
  empty: [],
};
const ada = recordContext('User', attributes);

const evaluate = (text: string): ExpressionResult => compileExpression(text, 'user').evaluate(ada);
const value = (it: Json): ExpressionResult => ({ kind: 'value', value: it });
const missing = (name: string): ExpressionResult => ({ kind: 'missing', name });

describe('values', () => {
  test.each<[string, Json]>([
    ['user.mail', 'Ada@Example.com'],
    ['user["Cost Center"]', '77'],
    ['user["constructor"] + user.constructor', 'oddodd'],
    ['values.mail', ['Ada@Example.com', 'ada@home.example']],
    ['values.mail[1]', 'ada@home.example'],
    ['values.mail.map(m, m.lowerAscii())', ['ada@example.com', 'ada@home.example']],
    ['values.mail.filter(m, m.endsWith(".example"))', ['ada@home.example']],
    ['values.mail.join(", ")', 'Ada@Example.com, ada@home.example'],
    ['"ada@home.example" in values.mail', true],
    ["user.givenName + ' ' + user.sn", 'Ada Lovelace'],
    ['user.mail.lowerAscii()', 'ada@example.com'],
    ['user.sn.upperAscii()', 'LOVELACE'],
    ['"  x ".trim()', 'x'],
    ['user.mail.split("@")[0]', 'Ada'],
    ['user.mail.replace("@Example.com", "$&")', 'Ada$&'],
    ['"a.b.c".replace(".", "-")', 'a-b-c'],
    ['user.sn.substring(0, 4)', 'Love'],
    ['user.sn.startsWith("Love") && user.sn.endsWith("lace") && user.sn.contains("vela")', true],
    ['user.mail.matches("^[A-Za-z]+@")', true],
    ['int(user.number) + 1', 43],
    ['double(user.number) / 4.0', 10.5],
    ['uint(user.number)', 42],
    ['size(values.mail)', 2],
    ['has(user.nickname) ? user.nickname : user.givenName', 'Ada'],
    ['has(user.empty)', false],
    ['{"value": user.mail, "primary": true}', { value: 'Ada@Example.com', primary: true }],
    ['[{"value": user.mail, "rank": 1}]', [{ value: 'Ada@Example.com', rank: 1 }]],
    ['timestamp("2024-02-29T00:00:00Z")', '2024-02-29T00:00:00.000Z'],
    ['b"ada"', 'YWRh'],
    ['null', null],
    ["user.nickname == 'x' || true", true],
  ])('%s', (text, expected) => expect(evaluate(text)).toEqual(value(expected)));
});

describe('a missing attribute is named', () => {
  test.each<[string, string]>([
    ['user.department', 'user.department'],
    ['user.empty', 'user.empty'],
    ['user["cost"]', 'user.cost'],
    ['user["e-mail"]', 'user["e-mail"]'],
    ['values.department', 'values.department'],
    ["user.givenName + ' ' + user.middle", 'user.middle'],
    ["user.sn == 'Lovelace' && user.department == 'x'", 'user.department'],
    ["user.department == 'x' || user.department == 'y'", 'user.department'],
    ['user[user.sn]', 'user[user.sn]'],
    ['values.mail[2]', 'values.mail[2]'],
    ['values.mail.all(m, m == user.department)', 'user.department'],
  ])('%s', (text, name) => expect(evaluate(text)).toEqual(missing(name)));
});

describe('an evaluation that fails is an error and has no value', () => {
  test.each<[string, RegExp]>([
    ['int(user.sn)', /int\(\)/],
    ['1 / (size(values.mail) - 2)', /division by zero/],
    ['user.sn.matches(user.sn + "(")', /not a regular expression \(RE2\): missing closing/],
    ['user.sn.substring(99)', /out of range/],
  ])('%s', (text, message) =>
    expect(evaluate(text)).toEqual({ kind: 'error', message: expect.stringMatching(message) }),
  );
});

describe('a syntax error names its line and column', () => {
  test.each<[string, ExpressionSubject, string]>([
    ['user.mail +', 'user', 'Unexpected token: the end of the expression at line 1, column 12'],
    ['user.mail ==\n  ', 'user', 'Unexpected token: the end of the expression at line 2, column 3'],
    ['true &&\n user.', 'user', 'Expected IDENTIFIER, got the end of the expression at line 2, column 7'],
    ['user.number + 1', 'user', 'no such overload: string + int at line 1, column 1'],
    ['user.mail.lower()', 'user', "found no matching overload for 'string.lower()' at line 1, column 1"],
    ['scim.userName', 'user', 'Unknown variable: scim at line 1, column 1; use user.NAME'],
    ['user.mail', 'group', 'Unknown variable: user at line 1, column 1; use group.NAME'],
    ['user.cost-center', 'user', 'Unknown variable: center at line 1, column 11; use user.NAME'],
    ['user.mail', 'resource', 'Unknown variable: user at line 1, column 1; use scim'],
    [
      'user.mail.matches("(")',
      'user',
      '"(" at line 1, column 19: it is not a regular expression (RE2): missing closing )',
    ],
  ])('%s', (text, about, message) => {
    expect(() => compileExpression(text, about)).toThrow(ExpressionSyntaxError);
    expect(() => compileExpression(text, about)).toThrow(message);
    expect(() => compileExpression(text, about)).not.toThrow('\n');
  });
});

describe('names that an expression uses', () => {
  test.each<[string, readonly string[] | undefined]>([
    ['user.mail', ['mail']],
    ["user['Cost Center'] + values.mail[0]", ['Cost Center', 'mail']],
    ['has(user.nickname) ? user.nickname : user.mail', ['nickname', 'mail']],
    ['values.teams.exists(t, t == user.team)', ['teams', 'team']],
    ['cel.bind(m, user.mail, m + m)', ['mail']],
    ['{"value": user.a, user.b: [user.c]}', ['a', 'b', 'c']],
    ["'Employee'", []],
    ['user[user.field]', undefined],
    ['user.map(name, user[name])', undefined],
    ['"a" in user', undefined],
  ])('%s', (text, names) => {
    const { usedAttributes } = compileExpression(text, 'user');
    expect(usedAttributes === undefined ? undefined : [...usedAttributes].sort()).toEqual(names?.toSorted());
  });
});

test('a protect expression reads the nested resource; an absent attribute is missing', () => {
  const resource = resourceContext({
    userName: 'breakglass-1',
    name: { givenName: 'Ada' },
    emails: [{ value: 'a@x.example', type: 'work' }],
    active: true,
  });
  const protects = (text: string): ExpressionResult => compileExpression(text, 'resource').evaluate(resource);
  expect(protects("scim.userName.startsWith('breakglass')")).toEqual(value(true));
  expect(protects("scim.emails.exists(e, e.value.endsWith('@x.example'))")).toEqual(value(true));
  expect(protects("scim.name.givenName == 'Ada' && scim.active")).toEqual(value(true));
  expect(protects("scim.title == 'x'")).toEqual(missing('scim.title'));
  expect(protects("scim.name.familyName == 'x'")).toEqual(missing('scim.name.familyName'));
});

test('the check for required names changes neither the value nor whether there is one', () => {
  const environment = new Environment().registerVariable('user', 'map<string, string>');
  const comparison = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('==', '!='), fc.constantFrom('1', '2'))
    .map(([name, sign, text]) => `(user.${name} ${sign} '${text}')`);
  const presence = fc.constantFrom('a', 'b', 'c').map((name) => `has(user.${name})`);
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression' },
      comparison,
      presence,
      fc
        .tuple(tie('expression'), fc.constantFrom('&&', '||', '=='), tie('expression'))
        .map(([left, sign, right]) => `(${left} ${sign} ${right})`),
      fc
        .tuple(tie('expression'), tie('expression'), tie('expression'))
        .map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
      tie('expression').map((negated) => `!(${negated})`),
    ),
  }));
  const record = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom('1', '2').map((text) => [text]),
  );
  fc.assert(
    fc.property(expression, record, (text, given) => {
      const user = new Map(Object.entries(given).map(([name, [first = '']]) => [name, first]));
      let plain: unknown;
      try {
        plain = environment.evaluate(text, { user });
      } catch {
        plain = 'missing';
      }
      const result = compileExpression(text, 'user').evaluate(recordContext('User', given));
      expect(result.kind === 'value' ? result.value : result.kind).toEqual(plain);
    }),
    { numRuns: 500 },
  );
});
