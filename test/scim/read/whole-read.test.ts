import { describe, expect, test } from '@jest/globals';
import type { LearnedFact } from '../../../src/model/target/learned-fact.ts';
import type { EditOperation, MembersOperation } from '../../../src/model/operation.ts';
import { sourceKey } from '../../../src/model/ids.ts';
import { memberRefs, members, never, operationContext, target, update } from '../fixtures.ts';
import { refusal, scriptedServer, type Script, type Scripted } from '../scripted-server.ts';

type Context = Parameters<typeof operationContext>[1];

/** Sends one operation to an application without PATCH. */
async function sending(script: Script, operation: EditOperation | MembersOperation, about: Context) {
  await using server = await scriptedServer((request, number) =>
    request.method === 'PATCH' ? refusal(501) : request.method === 'PUT' ? { status: 204 } : script(request, number),
  );
  using app = target(server.url);
  const { outcome } = await app.perform(operationContext(operation, about), never);
  const put = server.seen.find(({ method }) => method === 'PUT');
  return { outcome, lines: server.lines().filter((line) => !line.startsWith('PATCH')), put: put?.body };
}

const refs = (...keys: string[]) => keys.map((key) => ({ value: `id-${key}` }));
const group = (...keys: string[]): Scripted => ({
  body: { id: 'id-eng', displayName: 'Engineering', members: refs(...keys) },
});
const withoutMembers: Scripted = { body: { id: 'id-eng', displayName: 'Engineering' } };
const known = { members: memberRefs('a', 'b', 'c'), knownResource: { displayName: 'Engineering' } };
const rename = update('eng', [['displayName', 'Engineering', 'Machines']], {}, 'Group');
const incomplete = { kind: 'rejected', status: 200, detail: expect.stringContaining('not sent') };

describe('a group', () => {
  test.each([
    ['a new member', members(['d'])],
    ['a removed member', members([], ['a'])],
    ['another name', rename],
  ])('that shows only some of its known members is not written: %s', async (_, operation) => {
    for (const shown of [withoutMembers, group(), group('a')])
      expect(
        await sending(
          ({ url }) => (url.includes('/Users/') ? { body: { id: url.slice(7) } } : shown),
          operation,
          known,
        ),
      ).toMatchObject({ outcome: incomplete, put: undefined });
  });

  test('with members that a GET shows only on request keeps those added by hand', async () => {
    const script: Script = ({ url }) =>
      url.includes('attributes=members')
        ? { body: { id: 'id-eng', members: refs('a', 'b', 'c', 'hand') } }
        : withoutMembers;
    for (const [operation, after] of [
      [members(['d'], ['a']), refs('b', 'c', 'hand', 'd')],
      [rename, refs('a', 'b', 'c', 'hand')],
    ] as const)
      expect(await sending(script, operation, known)).toMatchObject({
        outcome: { kind: 'done' },
        put: { members: after },
      });
  });

  test.each<[string, Scripted, boolean]>([
    ['is gone', refusal(404), true],
    ['is inactive', { body: { id: 'id-c', active: false } }, true],
    ['is in other groups', { body: { id: 'id-c', groups: [{ value: 'id-other' }] } }, true],
    ['is in no group', { body: { id: 'id-c', groups: [] } }, true],
    ['is in the group', { body: { id: 'id-c', groups: [{ value: 'id-eng' }] } }, false],
    ['does not show its groups', { body: { id: 'id-c', active: true } }, false],
    ['cannot be read', refusal(403), false],
  ])('lacks a member who %s', async (_, member, isWritten) => {
    const { outcome, put } = await sending(
      ({ url }) => (url.startsWith('/Users/') ? member : group('a', 'b', 'hand')),
      members(['d']),
      known,
    );
    expect(outcome).toMatchObject(isWritten ? { kind: 'done' } : incomplete);
    expect(put?.members).toEqual(isWritten ? refs('a', 'b', 'hand', 'd') : undefined);
  });

  const account = (id: string, ...groups: string[]): Scripted => ({
    body: { id, active: true, ...(groups.length === 0 ? {} : { groups: groups.map((value) => ({ value })) }) },
  });
  test.each<[string, Scripted, boolean]>([
    ['shows its group', account('id-a', 'id-eng'), true],
    ['shows only other groups', account('id-a', 'id-other'), false],
    ['shows no group', account('id-a'), false],
    ['cannot be read', refusal(403), false],
  ])('lacks a member without groups, and the account of another member %s', async (_, witness, isWritten) => {
    const { outcome, put, lines } = await sending(
      ({ url }) =>
        url === '/Users/id-a' ? witness : url.startsWith('/Users/') ? account(url.slice(7)) : group('a', 'hand'),
      members(['d']),
      known,
    );
    expect(outcome).toMatchObject(isWritten ? { kind: 'done' } : incomplete);
    expect(put?.members).toEqual(isWritten ? refs('a', 'hand', 'd') : undefined);
    expect(lines.filter((line) => line === 'GET /Users/id-a')).toHaveLength(1);
  });

  test.each([
    ['shows the members of another group', ['x'], true],
    ['shows no members of another group', [], false],
  ])('shows no members any more, and the target %s', async (_, others, isWritten) => {
    await using server = await scriptedServer(({ method, url }) => {
      if (method !== 'GET') return refusal(method === 'PATCH' ? 501 : 500);
      if (url.startsWith('/Users/')) return account(url.slice(7));
      const shown = others.length === 0 ? {} : { members: refs(...others) };
      return url === '/Groups/id-ops'
        ? { body: { id: 'id-ops', displayName: 'Operations', ...shown } }
        : withoutMembers;
    });
    using app = target(server.url);
    const send = (key: string, keys: readonly string[]) =>
      app.perform(
        operationContext({ ...members(['d']), key: sourceKey(key) }, { ...known, members: memberRefs(...keys) }),
        never,
      );
    await send('ops', others);
    await send('eng', ['a', 'b']);
    expect(server.lines().includes('PUT /Groups/id-eng')).toBe(isWritten);
  });

  test.each([
    ['the externalId that was sent', { externalId: 'eng' }, true],
    ['another externalId', { externalId: 'other' }, false],
    ['no externalId', {}, false],
  ])('that an unanswered create made, with %s', async (_, shown, isWritten) => {
    const { outcome } = await sending(
      () => ({ body: { ...shown, id: 'id-eng', displayName: 'Engineering' } }),
      members(['d']),
      {
        members: [],
        knownResource: { displayName: 'Engineering', externalId: 'eng' },
        isAdopted: true,
        mayHaveDuplicates: true,
      },
    );
    expect(outcome).toMatchObject(isWritten ? { kind: 'done' } : incomplete);
  });

  test.each([
    ['created by scimsync', false],
    ['that existed before', true],
  ])('%s without a known member and without `members` in the answer', async (_, isAdopted) => {
    const { outcome, lines } = await sending(() => withoutMembers, members(['d']), {
      ...known,
      members: [],
      isAdopted,
    });
    expect(outcome).toMatchObject(isAdopted ? incomplete : { kind: 'done' });
    expect(lines.slice(0, 2)).toEqual(
      isAdopted
        ? ['GET /Groups/id-eng', 'GET /Groups/id-eng?attributes=members']
        : ['GET /Groups/id-eng', 'PUT /Groups/id-eng'],
    );
  });
});

test('a list that ends early is learned by its length: a list that long is not taken as complete', async () => {
  const learning = async (facts: readonly LearnedFact[], shown: readonly string[], ...keys: string[]) => {
    await using server = await scriptedServer(({ method, url }) => {
      if (method === 'PATCH') return refusal(501);
      if (method === 'PUT') return { status: 204 };
      return url.startsWith('/Users/') ? { body: { id: url.slice(7) } } : group(...shown);
    });
    using app = target(server.url);
    app.restore({ facts, samples: {} }, 2);
    const { outcome } = await app.perform(
      operationContext(members(['d']), { ...known, members: memberRefs(...keys) }),
      never,
    );
    return { kind: outcome.kind, facts: app.learned.facts.filter(({ kind }) => kind === 'membersCut') };
  };
  const first = await learning([], ['a', 'b'], 'a', 'b', 'c');
  expect(first).toMatchObject({ kind: 'rejected', facts: [{ subject: '2' }] });
  for (const [shown, kind, learned] of [
    [['e', 'f'], 'rejected', 1],
    [['e'], 'done', 1],
    [['e', 'f', 'g'], 'done', 0],
  ] as const) {
    const next = await learning(first.facts, shown, 'e');
    expect([next.kind, next.facts.length]).toEqual([kind, learned]);
  }
});

describe('a user', () => {
  const path = 'emails[type eq "work"].value';
  const about: Context = { knownResource: { userName: 'ada', [path]: 'ada@x', title: 'Nurse' } };
  const ada = { id: 'id-ada', userName: 'ada', title: 'Nurse' };
  const promote = update('ada', [['title', 'Nurse', 'Doctor']], { userName: 'ada', [path]: 'ada@x' });
  const close: EditOperation = {
    ...update('ada', [['active', true, false]], { userName: 'ada' }),
    action: 'deactivate',
  };

  test('whose known e-mail addresses are not shown is not written', async () => {
    expect(await sending(() => ({ body: ada }), promote, about)).toMatchObject({ outcome: incomplete, put: undefined });
  });

  test('whose e-mail addresses are shown on request keeps those added by hand', async () => {
    const emails = [{ type: 'work', value: 'ada@x' }, { value: 'byhand@x' }];
    const { outcome, put } = await sending(
      ({ url }) => ({ body: url.includes('attributes=emails') ? { id: 'id-ada', emails } : ada }),
      promote,
      about,
    );
    expect(outcome.kind).toBe('done');
    expect(put).toMatchObject({ title: 'Doctor', emails });
  });

  test('who leaves is deactivated all the same, with the known values', async () => {
    const { put } = await sending(() => ({ body: ada }), close, about);
    expect(put).toMatchObject({ active: false, emails: [{ type: 'work', value: 'ada@x' }] });
  });
});
