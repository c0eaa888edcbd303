import { describe, expect, test } from '@jest/globals';
import { compileTargetMapping } from '../../../src/desired/target-mapping.ts';
import { collectFacts, type ColumnFacts } from '../../../src/cli/init/csv/column-facts.ts';
import { delimiters, findLayout, looksLikeRow } from '../../../src/cli/init/csv/find-format.ts';
import { activeExpression, proposeActive } from '../../../src/cli/init/csv/propose-active.ts';
import {
  dateColumns,
  fittingFormats,
  formatFits,
  mixedDateColumns,
  proposeDates,
} from '../../../src/cli/init/csv/propose-dates.ts';
import { proposeGroupsColumn, proposeReferences, proposeSeparator } from '../../../src/cli/init/csv/propose-groups.ts';
import { almostKey, keyProblem, proposeKey } from '../../../src/cli/init/csv/propose-key.ts';
import { commonBase } from '../../../src/cli/init/ldap/common-base.ts';
import {
  countWithout,
  filterChoices,
  proposeUserName as proposeLogin,
} from '../../../src/cli/init/ldap/propose-users.ts';
import { knownAttributes, proposeMapping, proposeUserName } from '../../../src/cli/init/mapping/propose-mapping.ts';
import { proposeName, proposeProfile } from '../../../src/cli/init/target/propose-profile.ts';
import { profileWith } from '../../world/profile.ts';

/** The facts of columns, by their names and values. */
const columns = (values: Readonly<Record<string, readonly string[]>>): readonly ColumnFacts[] => {
  const names = Object.keys(values);
  const collector = collectFacts(names);
  const rows = Math.max(...Object.values(values).map(({ length }) => length));
  for (let row = 0; row < rows; row += 1) collector.add(names.map((name) => values[name]?.[row] ?? ''));
  return collector.facts();
};

const mails = ['a@x.example', 'b@x.example', 'c@x.example'];

describe('the key', () => {
  test.each<[string, Readonly<Record<string, readonly string[]>>, string | undefined]>([
    ['an employee number', { mail: mails, 'Employee No.': ['1', '2', '3'] }, 'Employee No.'],
    ['a better name wins', { id: ['1', '2', '3'], employee_id: ['7', '8', '9'] }, 'employee_id'],
    ['a name in German', { Personalnummer: ['1', '2', '3'] }, 'Personalnummer'],
    ['not if a value is twice', { id: ['1', '1', '3'] }, undefined],
    ['not if a cell is blank', { id: ['1', '', '3'] }, undefined],
    ['never e-mail addresses, whatever the name', { id: mails }, undefined],
    ['never DNs', { id: ['cn=a,dc=x', 'cn=b,dc=x', 'cn=c,dc=x'] }, undefined],
    ['never a login name', { user_id: ['a', 'b', 'c'], loginNr: ['1', '2', '3'] }, undefined],
    ['never the manager', { manager_id: ['3', '2', '1'] }, undefined],
    ['nothing that only happens to differ', { birthday: ['1', '2', '3'], Street: ['x', 'y', 'z'] }, undefined],
  ])('%s', (_what, given, expected) => {
    expect(proposeKey(columns(given))).toBe(expected);
  });

  test('what is almost a key is named, and why another is none', () => {
    const given = columns({ number: ['1', '1', '2'], mail: mails });
    expect(almostKey(given)).toMatchObject({ name: 'number', repeated: '1' });
    expect(given.map(keyProblem)).toEqual([undefined, 'e-mail addresses change']);
  });
});

describe('who is active', () => {
  test.each<[Readonly<Record<string, readonly string[]>>, string | undefined]>([
    [{ Status: ['active', 'left', 'active'] }, "user.Status == 'active'"],
    [
      { employment_status: ['Employed', 'On leave', 'Terminated'] },
      "user.employment_status in ['Employed', 'On leave']",
    ],
    [{ 'is active': ['1', '0', '1'] }, `user["is active"] == '1'`],
    [{ Active: ['yes', 'no'] }, "user.Active == 'yes'"],
    [{ status: ['left', 'left', 'gone'] }, undefined],
    [{ state: ['Berlin', 'Hamburg', 'Berlin'] }, undefined],
    [{ remark: ['active', 'left', 'active'] }, undefined],
  ])('%j: %s', (given, expected) => {
    const proposal = proposeActive(columns(given));
    expect(proposal === undefined ? undefined : activeExpression(proposal)).toBe(expected);
  });

  test.each(["it's", 'a\\b', 'tab\tbed', 'plain'])('an expression for the value %j compiles and means it', (value) => {
    const scope = { users: activeExpression({ column: 'state of "work"', values: [value] }) };
    const mapping = { user: { userName: 'user.id' } };
    const compiled = compileTargetMapping(
      { scope, mapping, supports: profileWith({}).supports },
      { users: ['id', 'state of "work"'], groups: [] },
    );
    const decide = (state: string): string =>
      compiled.desire({
        ...{ resourceType: 'User', key: '1' as never, active: true },
        attributes: { id: ['1'], 'state of "work"': [state] },
      } as never).kind;
    expect([decide(value), decide('other')]).toEqual(['present', 'absent']);
  });
});

describe('dates', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['2026-01-31', '9999-12-31'], ['']],
    [['31.01.2026', '1.2.2026'], ['d.M.yyyy']],
    [['1/31/2026', '2/1/2026'], ['M/d/yyyy']],
    [['31/1/2026', '1/2/2026'], ['d/M/yyyy']],
    [
      ['1/2/2026', '3/4/2026'],
      ['d/M/yyyy', 'M/d/yyyy'],
    ],
    [['1/1/2026'], ['d/M/yyyy']],
    [['31-Jan-2026', '1-Feb-2026'], ['d-MMM-yyyy']],
    [['31.01.2026', 'unknown'], []],
    [[], []],
  ])('%j are written as %j', (values, expected) => {
    expect(fittingFormats(values)).toEqual(expected);
  });

  test('a format fits if all values are dates in it', () => {
    expect([formatFits('d.M.yyyy', ['1.2.2026']), formatFits('d.M.yyyy', ['1/2']), formatFits('x', [])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each<[string, string, 'start' | 'end' | undefined]>([
    ['Hire Date', '2026-01-31', 'start'],
    ['start_date', '46000', 'start'],
    ['Eintrittsdatum', '31.1.2026', 'start'],
    ['Termination Date', '2026-01-31', 'end'],
    ['contract_end', '2026-01-31', 'end'],
    ['last working day', '2026-01-31', 'end'],
    ['date of birth', '1980-01-31', undefined],
    ['legend', '2026-01-31', undefined],
    ['hire date', 'soon', undefined],
  ])('%s with %s', (name, value, expected) => {
    const { start, end } = proposeDates(dateColumns(columns({ [name]: [value] })));
    expect({ start, end }).toEqual({
      start: expected === 'start' ? name : undefined,
      end: expected === 'end' ? name : undefined,
    });
  });

  test.each<[string, readonly string[], boolean]>([
    ['end_date', ['2020-01-02', '02.01.2020', '01/02/2020'], true],
    ['end_date', ['2020-01-02', '02.01.2020'], false],
    ['end_date', ['2020-01-02', '02.01.2020', 'unknown'], true],
    ['left', ['yes', 'no'], false],
    ['end_date', [], false],
    ['changed', ['2020-01-02', '02.01.2020', '01/02/2020'], false],
  ])('%s with %j has dates in no common format: %s', (name, values, expected) => {
    expect(mixedDateColumns(columns({ id: ['1'], [name]: values })).map((column) => column.name)).toEqual(
      expected ? [name] : [],
    );
  });

  test('numbers are dates only in a column that is named so', () => {
    expect(dateColumns(columns({ id: ['46000'], hired: ['46000'] })).map(({ name }) => name)).toEqual(['hired']);
  });
});

describe('groups', () => {
  test.each<[readonly string[], string]>([
    [['A;B', 'C'], ';'],
    [['A|B', 'C|D', 'E;F|G'], '|'],
    [['A, B'], ','],
    [['A'], ';'],
  ])('%j are separated by %s', (examples, expected) => {
    expect(proposeSeparator({ examples })).toBe(expected);
  });

  test('come from a column that is named so, and memberships refer to keys', () => {
    expect(proposeGroupsColumn(columns({ id: ['1'], 'Member Of': ['A'] }))).toBe('Member Of');
    const memberships = columns({ a: ['T1', 'T2'], b: ['7', '8'] });
    expect(proposeReferences(memberships, new Set(['7', '8', '9']))).toBe('b');
    expect(proposeReferences(memberships, new Set(['x']))).toBeUndefined();
  });
});

describe('the mapping', () => {
  test('takes columns by their names, and a manager only if the values are keys', () => {
    const given = columns({
      nr: ['1', '2'],
      Vorname: ['A', 'B'],
      Surname: ['C', 'D'],
      'Work E-Mail': ['a@x.example', 'b@x.example'],
      title: ['x', 'y'],
      supervisor: ['', '1'],
      boss: ['Ada', 'Bob'],
      salary: ['1', '2'],
    });
    expect([...proposeMapping({ columns: given, keys: new Set(['1', '2']) })]).toEqual([
      ['name.givenName', 'Vorname'],
      ['name.familyName', 'Surname'],
      ['emails[type eq "work"].value', 'Work E-Mail'],
      [expect.stringContaining(':manager'), 'supervisor'],
    ]);
  });

  test.each<[Readonly<Record<string, readonly string[]>>, string | undefined]>([
    [{ mail: mails, login: ['a', 'b', 'c'] }, 'login'],
    [{ 'E-Mail': mails, login: ['a', 'a', 'c'] }, 'E-Mail'],
    [{ name: ['a', 'b', 'c'] }, undefined],
  ])('userName of %j is %s', (given, expected) => {
    expect(proposeUserName(columns(given))).toBe(expected);
  });

  test('knows only attributes that a user has', () => {
    const mapping = { user: Object.fromEntries(knownAttributes.map(({ path }) => [path, 'user.x'])) };
    const { notes } = compileTargetMapping(
      { mapping: { user: { userName: 'user.x', ...mapping.user } }, supports: profileWith({}).supports },
      { users: ['x'], groups: [] },
    );
    expect(notes).toEqual([]);
  });
});

describe('how a file is written', () => {
  const trial = (delimiter: string, ...lines: readonly string[]) => ({
    delimiter,
    records: lines.map((line, index) => ({ line: index + 1, cells: line.split(delimiter) })),
  });
  const layoutOf = (...lines: readonly string[]): unknown =>
    findLayout(delimiters.map((delimiter) => trial(delimiter, ...lines)));

  test.each<[readonly string[], string, number]>([
    [['id;name', '1;A', '2;B'], ';', 0],
    [['id;name', '1;A, B', '2;C, D'], ';', 0],
    [['id\tname, first', '1\tA, B'], '\t', 0],
    [['Employees, as of May', '', 'id;name;x', '1;A;x', '2;B;x'], ';', 2],
    [['id', '1', '2'], ',', 0],
  ])('%j: %j, %i', (lines, delimiter, skipLines) => {
    expect(layoutOf(...lines)).toEqual({ delimiter, skipLines });
  });

  test.each<[readonly string[], boolean]>([
    [['id', 'mail'], false],
    [['id', '2025', '2026', 'name'], false],
    [['1001', 'a@x.example'], true],
    [['1', '2', 'x'], true],
    [['Ada', '2026-01-31'], true],
  ])('%j is a row: %s', (cells, expected) => {
    expect(looksLikeRow(cells)).toBe(expected);
  });
});

describe('a directory', () => {
  test.each<[readonly string[], string | undefined]>([
    [['uid=a,ou=people,dc=x', 'uid=b,ou=people,dc=x'], 'ou=people,dc=x'],
    [['uid=a,ou=IT,ou=People,dc=x', 'uid=b,OU=people,DC=x'], 'ou=People,dc=x'],
    [['uid=a,ou=it,dc=x', 'uid=b,ou=it2,dc=x'], 'dc=x'],
    [['cn=a\\,b,ou=it,dc=x'], 'ou=it,dc=x'],
    [['ou=it,dc=x', 'uid=a,ou=it,dc=x'], 'dc=x'],
    [['uid=a,dc=x', 'uid=b,dc=y'], undefined],
    [[], undefined],
  ])('%j are below %s', (dns, expected) => {
    expect(commonBase(dns)).toBe(expected);
  });

  const found = (having: Readonly<Record<string, number>>) => ({
    ...{ dns: Array.from({ length: 10 }, (_, index) => `uid=${index}`), isCut: false },
    having: new Map(Object.entries(having)),
  });

  test('filters are proposed for what only some users have', () => {
    expect(filterChoices(found({ employeenumber: 7, mail: 10 }))).toEqual([
      { answer: '(employeeNumber=*)', note: '7 of 10' },
    ]);
  });

  test.each<[Readonly<Record<string, number>>, string | undefined, number]>([
    [{ uid: 10 }, undefined, 0],
    [{ uid: 8, mail: 8 }, undefined, 2],
    [{ mail: 9, uid: 1 }, 'mail', 9],
  ])('of %j, userName is %s', (having, expected, lacking) => {
    expect(proposeLogin(found(having), 'user.uid')).toBe(expected);
    expect(countWithout(found(having), 'user.uid')).toBe(lacking);
  });

  test('one of several attributes of an expression is enough', () => {
    const usual = 'has(user.userPrincipalName) ? user.userPrincipalName : user.sAMAccountName';
    expect(countWithout(found({ samaccountname: 10 }), usual)).toBe(0);
  });
});

describe('the application', () => {
  const profiles = [
    { name: 'first', url: 'https://{tenant}.{region}.first.example/scim/v2/{id}' },
    { name: 'any', url: 'https://{host}/scim/v2' },
    { name: 'second', url: 'https://second.example/a/{b} or https://{host}/c' },
    { name: 'third', url: 'not published' },
    { name: 'fourth', url: undefined },
  ];
  test.each<[string, string | undefined, string]>([
    ['https://acme.eu.first.example/scim/v2/1', 'first', 'first'],
    ['https://first.example.evil.test/scim', undefined, 'first'],
    ['https://second.example/a/1', 'second', 'second'],
    ['https://wiki.corp.example/scim', undefined, 'wiki'],
    ['http://127.0.0.1:8080/scim/v2', undefined, 'app'],
    ['https://api.corp.example/scim', undefined, 'app'],
    ['no url', undefined, 'app'],
  ])('%s is %s', (url, profile, name) => {
    expect(proposeProfile(url, profiles)).toBe(profile);
    expect(proposeName(url, profile ?? 'generic')).toBe(name);
  });
});
