import { expect, test } from '@jest/globals';
import { company, hire, leave, rehire, withoutReports } from './company.ts';
import { table, userRow, userColumns } from './export.ts';
import { expectedState } from './state.ts';

test('the same seed makes the same company', () => {
  expect(expectedState(company(7, 50, 4))).toEqual(expectedState(company(7, 50, 4)));
  expect(expectedState(company(7, 50, 4))).not.toEqual(expectedState(company(8, 50, 4)));
});

test('somebody who left is remembered, inactive and in no team, and comes back as the same person', () => {
  const made = company(1, 20, 2);
  const [gone] = withoutReports(made, 1);
  if (gone === undefined) throw new Error('nobody can leave');
  leave(made, gone.id);
  hire(made);
  const state = expectedState(made);
  expect(state.users[gone.id]).toMatchObject({ active: false });
  expect(Object.values(state.groups).flatMap(({ members }) => members)).not.toContain(gone.id);
  expect(expectedState(made, 'delete').users[gone.id]).toBeUndefined();
  rehire(made, gone.id, ['t1']);
  expect(expectedState(made).users[gone.id]).toMatchObject({ active: true });
  expect(expectedState(made).groups['t1']?.members).toContain(gone.id);
});

test('an export quotes what must be quoted', () => {
  expect(table(['a', 'b'], [{ a: 'x,y', b: 'say "hi"' }, { a: 'two\nlines' }])).toBe(
    'a,b\n"x,y","say ""hi"""\n"two\nlines",\n',
  );
  const made = company(1, 1);
  expect(Object.keys(userRow(made, [...made.people.values()][0] as never))).toEqual([...userColumns]);
});
