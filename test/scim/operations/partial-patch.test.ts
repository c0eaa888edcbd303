import { describe, expect, test } from '@jest/globals';
import type { Edit, MembersOperation } from '../../../src/model/operation.ts';
import { hurriedClock, memberRefs, members, never, operationContext, target, update } from '../fixtures.ts';
import { scriptedServer, type Seen } from '../scripted-server.ts';

type Resource = Record<string, unknown>;

/** An application that applies only some operations of a PATCH, and answers 204 to each. */
async function application(applied: (operations: readonly any[]) => readonly any[]) {
  const resource: Resource = { id: 'id-ada', userName: 'ada', title: 'x', nickName: 'a', displayName: 'A' };
  const group = new Set(['id-a', 'id-b', 'id-c']);
  const server = await scriptedServer(({ method, url, body }) => {
    if (url.startsWith('/Groups')) {
      if (method === 'PATCH')
        for (const { op, path, value } of applied(body.Operations))
          if (op === 'remove') group.delete(/"(.+)"/.exec(path)?.[1] ?? '');
          else for (const one of value) group.add(one.value);
      return method === 'PATCH'
        ? { status: 204 }
        : { body: { id: 'id-eng', displayName: 'eng', members: [...group].map((value) => ({ value })) } };
    }
    if (method !== 'PATCH') return { body: resource };
    for (const { path, value } of applied(body.Operations)) resource[path] = value;
    return { status: 204 };
  });
  return { server, resource, group };
}

const sizes = (seen: readonly Seen[]): readonly number[] =>
  seen.filter(({ method }) => method === 'PATCH').map(({ body }) => body.Operations.length);

const edits: [string, Edit['from'], Edit['to']][] = [
  ['title', 'x', 'y'],
  ['nickName', 'a', 'b'],
  ['displayName', 'A', 'B'],
];
const change = operationContext(update('ada', edits, { userName: 'ada' }));
const sampled = { firstWrites: 1, writesShare: 0 };

describe('a PATCH with several operations of which only the first is applied', () => {
  const first = (operations: readonly any[]) => operations.slice(0, 1);

  test('is sent again one operation a request, and from then on', async () => {
    const { server, resource } = await application(first);
    await using _ = server;
    using app = target(server.url, {}, hurriedClock(), sampled);
    expect((await app.perform(change, never)).outcome).toEqual({ kind: 'done', status: 204, evidence: 'read' });
    expect(resource).toMatchObject({ title: 'y', nickName: 'b', displayName: 'B' });
    expect(app.learned.facts).toMatchObject([{ kind: 'operationsIgnored', subject: 'User' }]);
    await app.perform(change, never);
    expect(sizes(server.seen)).toEqual([3, 1, 1, 1, 1, 1]);
  });

  test('removes one member, which is learned for groups', async () => {
    const { server, group } = await application(first);
    await using _ = server;
    using app = target(server.url, {}, hurriedClock(), sampled);
    const send = (operation: MembersOperation) =>
      app.perform(operationContext(operation, { members: memberRefs('a', 'b', 'c') }), never);
    await send(members([], ['a', 'b']));
    expect([...group]).toEqual(['id-b', 'id-c']);
    expect(app.learned.facts).toMatchObject([{ kind: 'operationsIgnored', subject: 'Group' }]);
    await send(members(['d'], ['b', 'c']));
    expect([...group]).toEqual(['id-d']);
    expect(sizes(server.seen)).toEqual([2, 1, 1, 1]);
  });

  test('is tried again by one update after a day; the fact ends when all of it is applied', async () => {
    let applied = first;
    const { server } = await application((operations) => applied(operations));
    await using _ = server;
    const clock = hurriedClock();
    using app = target(server.url, {}, clock, sampled);
    await app.perform(change, never);
    await clock.sleep(86_400_000);
    applied = (operations) => [...operations];
    await app.perform(change, never);
    await app.perform(change, never);
    expect(sizes(server.seen)).toEqual([3, 1, 1, 3, 3]);
    expect(app.learned.facts).toEqual([]);
  });
});

test('an attribute that the target ignores also by itself is not a matter of the form', async () => {
  const { server } = await application((operations) => operations.filter(({ path }) => path !== 'nickName'));
  await using _ = server;
  using app = target(server.url, {}, hurriedClock(), { firstWrites: 2, writesShare: 0 });
  for (const number of [1, 2])
    expect([number, (await app.perform(change, never)).outcome]).toMatchObject([
      number,
      { kind: 'done', unresolved: ['nickName'] },
    ]);
  expect(app.learned.facts).toEqual([]);
  expect(sizes(server.seen)).toEqual([3, 1, 3]);
});
