import { expect, test } from '@jest/globals';
import { countStatements } from '../../world/statement-counts.ts';
import { person, read, state } from '../state.ts';

/** The rows with attributes that the first reading of these users brings back to memory. */
async function rowsReadBack(users: number): Promise<number> {
  const at = state();
  const given = { users: Array.from({ length: users }, (_, n) => person(`p${n}`, `p${Math.floor(n / 8)}`, ['g'])) };
  const { rows } = await countStatements(['attributes'], () => read(at, given, { column: true, managers: 'mail' }));
  const names = at.db.prepare('select count(*) from manager_name').pluck().get();
  expect(names).toBe(users);
  return rows;
}

test('the first reading of many users brings no record back to memory', async () => {
  expect(await rowsReadBack(500)).toBe(await rowsReadBack(5));
});
