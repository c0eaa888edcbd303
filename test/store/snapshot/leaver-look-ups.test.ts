import { expect, test } from '@jest/globals';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import { target } from '../operations.ts';
import { person, read, state } from '../state.ts';

const lookUp = (key: string, isAnswered: boolean) => ({ key: sourceKey(key), isAnswered });

test('the last look-up of each user is kept, while the source has the user', async () => {
  const one = state();
  await read(one, { users: ['ada', 'bob', 'cy'].map((key) => person(key)) });
  const { leaverLookUps } = await one.store.target(target);
  const { leaverLookUps: others } = await one.store.target('other');
  await leaverLookUps.save(1, [lookUp('ada', false), lookUp('bob', true)]);
  await leaverLookUps.save(2, [lookUp('ada', true)]);
  const kept = () => [...leaverLookUps.of(['ada', 'bob', 'cy'].map(sourceKey)).values()];
  expect(kept()).toEqual([
    { ...lookUp('ada', true), pass: 2 },
    { ...lookUp('bob', true), pass: 1 },
  ]);
  expect(others.of([sourceKey('ada')]).size).toBe(0);
  await read(one, { users: [person('bob'), person('cy')] });
  await leaverLookUps.save(3, [lookUp('cy', false)]);
  expect(kept().map(({ key }) => key)).toEqual(['bob', 'cy']);
  await one.store.targets.forget(target, instant(1));
  expect(kept()).toEqual([]);
});
