import { expect, test } from '@jest/globals';
import { createCompany, hire, leave, rehire, peopleWithoutReports } from './company.ts';
import { toCsv, userRow, userColumns } from './export.ts';
import { expectedState } from './state.ts';

test('the same seed makes the same company', () => {
  expect(expectedState(createCompany(7, 50, 4))).toEqual(expectedState(createCompany(7, 50, 4)));
  expect(expectedState(createCompany(7, 50, 4))).not.toEqual(expectedState(createCompany(8, 50, 4)));
});

test('a leaver is inactive and in no team, and a rehire is the same person', () => {
  const company = createCompany(1, 20, 2);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('there is no such person');
  leave(company, leaver.id);
  hire(company);
  const state = expectedState(company);
  expect(state.users[leaver.id]).toMatchObject({ active: false });
  expect(Object.values(state.groups).flatMap(({ members }) => members)).not.toContain(leaver.id);
  expect(expectedState(company, 'delete').users[leaver.id]).toBeUndefined();
  rehire(company, leaver.id, ['t1']);
  expect(expectedState(company).users[leaver.id]).toMatchObject({ active: true });
  expect(expectedState(company).groups['t1']?.members).toContain(leaver.id);
});

test('an export quotes fields with quotes, commas and newlines', () => {
  expect(toCsv(['a', 'b'], [{ a: 'x,y', b: 'call "hi"' }, { a: 'two\nlines' }])).toBe(
    'a,b\n"x,y","call ""hi"""\n"two\nlines",\n',
  );
  const company = createCompany(1, 1);
  expect(Object.keys(userRow(company, [...company.people.values()][0] as never))).toEqual([...userColumns]);
});
