import { expect, test } from '@jest/globals';
import { openSourceSearch } from '../../../src/store/search/source-search.ts';
import { acknowledged, answer, begin, change, create, edit, remember, remove } from '../operations.ts';
import { stateBefore } from '../earlier-state.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { atEnd, state, type State } from '../state.ts';

const mail = 'emails[type eq "work"].value';
const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';

/** Ada got another name and mail; Bob, whose manager is Ada, was deleted; the target refused Cy. */
async function company(): Promise<State> {
  const one = state();
  await acknowledged(one, ['ada', 'bob'], (key) => ({
    [mail]: `${key.toUpperCase()}@x.example`,
    title: 'Clerk',
    ...(key === 'bob' ? { [manager]: 'ada', nickName: 'MÜLLER' } : {}),
  }));
  const pass = await begin(one, [
    change('ada', [edit('userName', 'ada', 'countess')]),
    remove('bob'),
    create('cy', { [mail]: 'cy@x.example' }),
  ]);
  await answer(one, pass, 'update ada', {
    change: remember('r-ada', { userName: 'countess', [mail]: 'lovelace@x.example', title: 'Head' }),
    followUp: 'none',
  });
  await answer(one, pass, 'delete bob', { change: { kind: 'forget' }, followUp: 'none' });
  await answer(one, pass, 'create cy', {
    outcome: { kind: 'rejected', status: 400, detail: 'no' },
    followUp: 'nextPass',
  });
  return one;
}

test.each([
  ['a former name', 'ADA', ['ada']],
  ['a former e-mail address', 'ada@X.example', ['ada']],
  ['the name of a deleted account', 'bob', ['bob']],
  ['a value of a deleted account, in other letter case', 'müller', ['bob']],
  ['an address of a refused account', 'CY@x.example', ['cy']],
  ['a present value, which the snapshot finds', 'countess', []],
  ['a former title, which many have', 'clerk', []],
  ['a manager, who is another user', 'r-ada', []],
])('%s', async (_, text, expected) => {
  const { db } = await company();
  expect(
    openSourceSearch(db)
      .withFormerValue(text)
      .map(({ key }) => key),
  ).toEqual(expected);
});

test('operations of an earlier version leave their former values', () => {
  const file = stateBefore(
    '0070',
    `
    insert into target (id, name) values (1, 'app');
    insert into pass (id, command, started) values (1, 'sync', 1);
    insert into account (target, resource_type, key, remote_id, body, name, active, origin, changed_at)
    values (1, 'User', 'ada', 'r', '{}', 'countess', 1, 'created', 1);
    insert into operation (pass, target, round, phase, action, resource_type, key, name, reason, edits, body, state)
    values (1, 1, 0, 1, 'update', 'User', 'ada', 'Ada', 'x', '[{"path":"emails","from":[{"value":"A@x"}],"to":null},
        {"path":"title","from":"Clerk","to":"Head"}]', '{}', 'done'),
      (1, 1, 0, 1, 'create', 'User', 'bob', 'bob', 'x', null, '{"userName":"bob","externalId":"B-7"}', 'done'),
      (1, 1, 0, 1, 'create', 'User', 'cy', 'cy', 'x', null, '{"userName":"cy"}', 'failed')`,
  );
  const db = openDatabase(file);
  atEnd(() => db.close());
  const rows = db.prepare('select folded, key from former_value order by key, folded').all();
  expect(rows.map((row) => Object.values(row as object))).toEqual([
    ['a@x', 'ada'],
    ['ada', 'ada'],
    ['b-7', 'bob'],
    ['bob', 'bob'],
  ]);
});
