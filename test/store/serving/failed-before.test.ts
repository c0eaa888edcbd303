import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../../src/model/outcome.ts';
import { acknowledged, answer, begin, change, create, edit, stored, workOf } from '../operations.ts';
import { at, state } from '../state.ts';

describe('what failed before', () => {
  const title = edit('title', null, 'Boss');
  const refused: Outcome = { kind: 'rejected', status: 400, detail: 'no' };
  test.each([
    ['the very same change', change('bob', [title]), change('bob', [title]), refused, true],
    ['another value', change('bob', [title]), change('bob', [edit('title', null, 'Chief')]), refused, false],
    [
      'something new beside it',
      change('bob', [title]),
      change('bob', [title, edit('nickName', null, 'B')]),
      refused,
      false,
    ],
    ['the same change of another user', change('eve', [title]), change('bob', [title]), refused, false],
    ['the same that was done', change('bob', [title]), change('bob', [title]), { kind: 'done', status: 200 }, false],
    ['the same create', create('cy'), create('cy'), refused, true],
    ['a create that brings something else', create('cy'), create('cy', { title: 'Boss' }), refused, false],
  ] as const)('%s', async (_, first, second, outcome, expected) => {
    const one = state();
    await acknowledged(one, ['bob', 'eve']);
    const before = await begin(one, [first]);
    await answer(one, before, `${first.action} ${first.key}`, { outcome, followUp: 'nextPass' });
    await one.store.journal.end(before, at(250), 'done', undefined);
    const pass = await begin(one, [second]);
    const operation = await stored(one, pass, `${second.action} ${second.key}`);
    const { id } = operation;
    expect([...(await workOf(one, pass, [operation])).failedBefore]).toEqual(expected ? [id] : []);
  });
});
