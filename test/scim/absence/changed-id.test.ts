import { expect, test } from '@jest/globals';
import { never, operationContext, target, update } from '../fixtures.ts';
import { refusal, scriptedServer, type Scripted } from '../scripted-server.ts';

const knownResource = { userName: 'ada', externalId: 'ada', title: 'a', active: true };
const ada = (id: string): Scripted => ({ body: { id, userName: 'ada', externalId: 'ada', title: 'b', active: true } });
const bob = (id: string): Scripted => ({ body: { id, userName: 'bob', externalId: 'bob', title: 'b', active: true } });
const absent = refusal(404);

test.each<[string, Scripted, Readonly<Record<string, Scripted>>, object, readonly string[]]>([
  // the answer to PATCH, the answers to GET by id, the outcome, the ids that are read
  ['the known id', ada('id-ada'), {}, { kind: 'done' }, []],
  [
    'a new id, under which the account is found',
    ada('new'),
    { 'id-ada': absent, new: ada('new') },
    { kind: 'existing', status: 200, origin: 'ownCreate', resource: { remoteId: 'new', body: { title: 'b' } } },
    ['id-ada', 'new'],
  ],
  ['an id that is not stored', ada('new'), { 'id-ada': ada('id-ada') }, { kind: 'done' }, ['id-ada']],
  ['a new id, and no read answers', ada('new'), { 'id-ada': refusal(403) }, { kind: 'done' }, ['id-ada']],
  [
    'a new id that no read shows',
    ada('new'),
    { 'id-ada': absent, new: absent },
    { kind: 'unknown' },
    ['id-ada', 'new'],
  ],
  [
    'a new id that belongs to another user',
    ada('new'),
    { 'id-ada': absent, new: bob('new') },
    { kind: 'unknown' },
    ['id-ada', 'new'],
  ],
  ['the resource of another user under another id', bob('b'), {}, { kind: 'done', evidence: 'answered' }, []],
])('an update is answered with %s', async (_, answer, reads, expected, readIds) => {
  await using server = await scriptedServer(({ method, url }) =>
    method === 'GET' ? (reads[url.split('/').at(-1) ?? ''] ?? refusal(500)) : answer,
  );
  using app = target(server.url);
  const operation = update('ada', [['title', 'a', 'b']]);
  const context = operationContext(operation, { knownResource, paths: ['userName', 'externalId', 'title'] });
  const { outcome } = await app.perform(context, never);
  expect(outcome).toMatchObject(expected);
  expect('movedTo' in outcome).toBe(false);
  const gets = server.lines().filter((line) => line.startsWith('GET'));
  expect(gets).toEqual(readIds.map((id) => `GET /Users/${id}`));
});
