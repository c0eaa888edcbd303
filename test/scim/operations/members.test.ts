import { describe, expect, test } from '@jest/globals';
import type { MembersOperation } from '../../../src/model/operation.ts';
import type { ProfileLimits, Protocol } from '../../../src/model/profile.ts';
import type { PreparedOperation } from '../../../src/scim/target.ts';
import { operationContext, members, never, person, memberRefs, target, update } from '../fixtures.ts';
import { refusal, scriptedServer, type Script, type Scripted, type Seen } from '../scripted-server.ts';

const ok: Scripted = { status: 200, body: { id: 'id-eng' } };

/** Keys that a PATCH adds and removes: "+a -b". */
function patchSummary({ body }: Seen): string {
  return (body?.Operations ?? [])
    .map(({ op, path, value }: any) =>
      op === 'add' ? value.map((one: any) => `+${one.value.slice(3)}`).join(' ') : `-${/id-([^"]+)/.exec(path)?.[1]}`,
    )
    .join(' ');
}

/** Rejects a PATCH with one of the bad members; a GET returns `group`. */
const strict =
  (bad: readonly string[], refused: Scripted, group: Scripted = ok): Script =>
  (request) => {
    if (request.method === 'GET') return group;
    return bad.some((key) =>
      patchSummary(request)
        .split(' ')
        .some((word) => word.slice(1) === key),
    )
      ? refused
      : ok;
  };

async function changing(
  script: Script,
  operation: PreparedOperation['operation'],
  changes: Partial<PreparedOperation> = {},
  protocol: Partial<Protocol> = {},
  limits: Partial<ProfileLimits> = {},
) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol, limits });
  const { outcome } = await app.perform(operationContext(operation, changes), never);
  return {
    outcome,
    lines: server.lines(),
    patches: server.seen.filter(({ method }) => method === 'PATCH').map(patchSummary),
    seen: server.seen,
  };
}

describe('members', () => {
  test('are added and removed in one request', async () => {
    const { outcome, patches } = await changing(() => ok, members(['a', 'b'], ['c']));
    expect(outcome).toEqual({ kind: 'done', status: 200 });
    expect(patches).toEqual(['-c +a +b']);
  });

  test('a member without an account is left out, with a detail', async () => {
    const { outcome, patches } = await changing(() => ok, members(['a', 'B'], ['C']));
    expect(patches).toEqual(['+a']);
    expect(outcome).toMatchObject({
      kind: 'done',
      rejectedMembers: [person('C'), person('B')],
      detail: expect.stringMatching(/^2 of 3 memberships left out: they have no account/),
    });
    expect((await changing(() => ok, members(['B']))).outcome).toMatchObject({
      kind: 'skipped',
      detail: expect.stringMatching(/^dependency/),
    });
  });

  test.each<[string, Scripted]>([
    ['400', refusal(400, 'invalidValue', 'no such user')],
    ['404', refusal(404, undefined, 'no such user')],
  ])('one bad member of eight (%s) does not block the others', async (_, refused) => {
    const { outcome, patches } = await changing(
      strict(['f'], refused),
      members(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']),
    );
    expect(outcome).toMatchObject({
      kind: 'done',
      rejectedMembers: [person('f')],
      detail: expect.stringContaining('no such user'),
    });
    expect(patches).toEqual(['+a +b +c +d +e +f +g +h', '+a +b +c +d', '+e +f +g +h', '+e +f', '+e', '+f', '+g +h']);
  });

  test('a removal that another client already did is done', async () => {
    const noTarget = refusal(400, 'noTarget');
    expect((await changing(strict(['a'], noTarget), members([], ['a']))).outcome).toEqual({
      kind: 'done',
      status: 400,
    });
    const { outcome, patches } = await changing(strict(['b'], noTarget), members(['x'], ['a', 'b']));
    expect(outcome).toEqual({ kind: 'done', status: 200 });
    expect(patches).toEqual(['-a -b +x', '-a -b', '-a', '-b', '+x']);
  });

  test('a refused removal of a member that the group still lists is not done', async () => {
    const group: Scripted = { body: { id: 'id-eng', members: [{ value: 'id-a' }] } };
    expect((await changing(strict(['a'], refusal(404), group), members([], ['a']))).outcome).toMatchObject({
      kind: 'rejected',
      status: 404,
    });
  });

  test('a member that a list omits is not proven to be removed', async () => {
    const group: Scripted = { body: { id: 'id-eng', members: [] } };
    expect((await changing(strict(['a'], refusal(400), group), members([], ['a']))).outcome).toMatchObject({
      kind: 'rejected',
      status: 400,
    });
  });

  test.each<[string, Script, MembersOperation, object | undefined]>([
    ['a refused removal', () => refusal(400), members([], ['a']), [person('a')]],
    ['removals refused by status', () => refusal(403), members([], ['a', 'b']), [person('a'), person('b')]],
    ['a refused removal beside an accepted one', strict(['a'], refusal(400)), members([], ['a', 'b']), [person('a')]],
    ['a removal after which the group lacks the member', strict(['a'], refusal(404)), members([], ['a']), undefined],
    ['a refused addition, which a read does not show', strict(['a'], refusal(400)), members(['a']), undefined],
    [
      'a refused addition to a group that cannot be read',
      strict(['a'], refusal(400), refusal(403)),
      members(['a', 'b']),
      [person('a')],
    ],
    [
      'an addition to a group that only a look-up shows',
      ({ method, url }) =>
        method === 'GET' && url.includes('filter')
          ? { body: { Resources: [{ id: 'id-eng', displayName: 'eng', externalId: 'eng' }], totalResults: 1 } }
          : refusal(404),
      members(['a'], ['b']),
      [person('b'), person('a')],
    ],
  ])('%s: which members are in doubt', async (_, script, operation, expected) => {
    const { outcome } = await changing(script, operation);
    expect('membersInDoubt' in outcome ? outcome.membersInDoubt : undefined).toEqual(expected);
  });

  test('an existing member counts as added for each refusal', async () => {
    const group: Scripted = { body: { id: 'id-eng', members: [{ value: 'id-b' }] } };
    const { outcome, lines, patches } = await changing(
      strict(['b'], refusal(400, undefined, 'duplicate'), group),
      members(['a', 'b', 'c']),
    );
    expect(outcome).toEqual({ kind: 'done', status: 200 });
    expect(patches).toEqual(['+a +b +c', '+a +c']);
    expect(lines).toHaveLength(3);
    expect((await changing(strict(['b'], refusal(409)), members(['b']))).outcome).toMatchObject({ kind: 'done' });
  });

  test.each<[string, readonly string[] | undefined, string]>([
    ['no members, which a target may hide', undefined, 'done'],
    ['the member', ['a', 'b'], 'done'],
    ['others', ['a'], 'rejected'],
    ['99 others', Array.from({ length: 99 }, (_, index) => `x${index}`), 'rejected'],
    ['100 others, which may be the first ones', Array.from({ length: 100 }, (_, index) => `x${index}`), 'done'],
  ])('an addition that is answered 409 while the group shows %s', async (_, shown, expected) => {
    const group: Scripted = {
      body: { id: 'id-eng', ...(shown === undefined ? {} : { members: shown.map((key) => ({ value: `id-${key}` })) }) },
    };
    const { outcome } = await changing(strict(['b'], refusal(409), group), members(['b']));
    expect(outcome.kind).toBe(expected);
  });

  test('a request that is too large is sent in halves', async () => {
    const { outcome, patches, lines } = await changing(
      (request) => (patchSummary(request).split(' ').length > 2 ? { status: 413, body: '<html>too large</html>' } : ok),
      members(['a', 'b', 'c', 'd']),
    );
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(patches).toEqual(['+a +b +c +d', '+a +b', '+c +d']);
    expect(lines).toHaveLength(3);
  });

  test('the smaller size applies for the rest of the pass', async () => {
    await using server = await scriptedServer((request) =>
      patchSummary(request).split(' ').length > 2 ? { status: 413, body: '<html>too large</html>' } : ok,
    );
    using app = target(server.url);
    for (const add of [
      ['a', 'b', 'c', 'd'],
      ['e', 'f', 'g'],
      ['h', 'i', 'j', 'k'],
    ])
      expect((await app.perform(operationContext(members(add)), never)).outcome).toMatchObject({ kind: 'done' });
    expect(server.seen.map(patchSummary)).toEqual(['+a +b +c +d', '+a +b', '+c +d', '+e +f', '+g', '+h +i', '+j +k']);
  });

  test('a single member that is too large is rejected', async () => {
    expect(await changing(() => ({ status: 413 }), members(['a', 'b']))).toMatchObject({
      outcome: { kind: 'rejected', status: 413 },
      patches: ['+a +b', '+a', '+b'],
    });
  });

  test.each<[string, Partial<ProfileLimits>, MembersOperation, readonly string[]]>([
    ['by count', { membersPerRequest: 2 }, members(['a', 'b', 'c'], ['d']), ['-d +a', '+b +c']],
    [
      'removals one by one, in separate requests',
      { removalsPerRequest: 1, addAndRemoveTogether: false },
      members(['a', 'b'], ['c', 'd']),
      ['-c', '-d', '+a +b'],
    ],
    ['by bytes', { maxPayloadSize: 350 }, members(['a', 'b', 'c']), ['+a +b', '+c']],
    ['by operations', { operationsPerPatch: 2 }, members(['a'], ['b', 'c', 'd']), ['-b -c', '-d +a']],
  ])('batches within the limits of the profile: %s', async (_, limits, operation, expected) => {
    expect(await changing(() => ok, operation, {}, {}, limits)).toMatchObject({
      outcome: { kind: 'done' },
      patches: expected,
    });
  });

  test('500 for an existing member is a success for that member', async () => {
    const group: Scripted = { body: { id: 'id-eng', members: [{ value: 'id-b' }] } };
    const { outcome, patches } = await changing(strict(['b'], refusal(500), group), members(['a', 'b', 'c']));
    expect(outcome).toEqual({ kind: 'done', status: 200 });
    expect([...new Set(patches)]).toEqual(['+a +b +c', '+a +c']);
  });

  test('500 for an unknown member does not block other members, and the number of requests is limited', async () => {
    const { outcome, patches } = await changing(
      strict(['c'], refusal(500, undefined, 'NullPointerException')),
      members(['a', 'b', 'c', 'd']),
    );
    expect(outcome).toMatchObject({
      kind: 'done',
      rejectedMembers: [person('c')],
      detail: expect.stringContaining('NullPointerException'),
    });
    expect([...new Set(patches)]).toEqual(['+a +b +c +d', '+a +b', '+c +d', '+c', '+d']);
  });

  test('500 for every request is not attributed to a member', async () => {
    const { outcome, patches } = await changing(() => refusal(500), members(['a', 'b', 'c', 'd']));
    expect(outcome).toMatchObject({ kind: 'unavailable', status: 500 });
    expect(new Set(patches)).toEqual(new Set(['+a +b +c +d']));
  });

  test('a group that rejects every member gets no request for each one', async () => {
    const many = Array.from({ length: 64 }, (_, index) => `m${index}`);
    const { outcome, lines } = await changing(
      strict(many, refusal(400, 'mutability', 'groups are managed elsewhere')),
      members(many),
    );
    expect(outcome).toMatchObject({
      kind: 'rejected',
      status: 400,
      detail: expect.stringContaining('managed elsewhere'),
    });
    expect(lines.length).toBeLessThan(50);
  });

  test('and further operations on the same group get none either', async () => {
    const many = Array.from({ length: 64 }, (_, index) => `m${index}`);
    await using server = await scriptedServer(strict(many, refusal(400)));
    using app = target(server.url);
    for (const part of [many.slice(0, 32), many.slice(32)])
      expect((await app.perform(operationContext(members(part)), never)).outcome.kind).toBe('rejected');
    const before = server.seen.length;
    expect((await app.perform(operationContext(members(many)), never)).outcome.kind).toBe('rejected');
    expect(server.lines().slice(before)).toEqual(['PATCH /Groups/id-eng', 'GET /Groups/id-eng']);
  });

  test.each<[string, number, (index: number) => boolean]>([
    ['ten of twenty, the first ones', 20, (index) => index < 10],
    ['five of eight, the first ones', 8, (index) => index < 5],
    ['thirty of a hundred, the first ones', 100, (index) => index < 30],
    ['the first half and one in a later part', 64, (index) => index < 32 || index === 40],
  ])('many bad members do not block the others: %s', async (_, count, isBad) => {
    const keys = Array.from({ length: count }, (_each, index) => `m${index}`);
    const bad = keys.filter((_key, index) => isBad(index));
    const { outcome } = await changing(strict(bad, refusal(404, undefined, 'no such user')), members(keys));
    expect(outcome).toMatchObject({ kind: 'done', rejectedMembers: bad.map(person) });
  });

  test('accepted members stay accepted if the target goes down', async () => {
    let answers = 0;
    const { outcome } = await changing(
      ({ method }) => (method === 'GET' ? ok : ([refusal(400), ok][answers++] ?? refusal(503))),
      members(['a', 'b', 'c', 'd']),
    );
    expect(outcome).toMatchObject({
      kind: 'done',
      rejectedMembers: [person('c'), person('d')],
      detail: expect.stringContaining('503'),
    });
  });

  test.each<[string, Scripted, object]>([
    ['denied', refusal(403), { kind: 'rejected', status: 403 }],
    ['down', refusal(503), { kind: 'unavailable', status: 503 }],
  ])('%s: not sent in halves', async (_, answer, outcome) => {
    const result = await changing(() => answer, members(['a', 'b']));
    expect(result.outcome).toMatchObject(outcome);
    expect(new Set(result.patches)).toEqual(new Set(['+a +b']));
  });
});

describe('a success response without the effect', () => {
  const shows = (...keys: string[]): Scripted => ({
    body: { id: 'id-eng', members: keys.map((key) => ({ value: `id-${key}` })) },
  });
  const both = { verifyWrites: 'members' } as const;

  test('a member that the response does not contain was dropped', async () => {
    const { outcome, lines } = await changing(() => shows('a', 'c'), members(['a', 'b'], ['c', 'd']), {}, both);
    expect(outcome).toMatchObject({
      kind: 'done',
      rejectedMembers: [person('c'), person('b')],
      detail: expect.stringMatching(/^2 of 4 memberships left out: answered 200/),
    });
    expect(lines).toEqual(['PATCH /Groups/id-eng']);
  });

  test.each<[string, Scripted]>([
    ['nothing', { status: 204 }],
    ['no member attribute', { body: { id: 'id-eng' } }],
  ])('a response with %s is followed by one GET', async (_, answer) => {
    const { outcome, lines } = await changing(
      ({ method }) => (method === 'GET' ? shows('a') : answer),
      members(['a', 'b']),
      {},
      both,
    );
    expect(outcome).toMatchObject({ kind: 'done', rejectedMembers: [person('b')] });
    expect(lines).toEqual(['PATCH /Groups/id-eng', 'GET /Groups/id-eng']);
  });

  test('several requests are followed by one GET', async () => {
    const { outcome, lines } = await changing(() => shows('a', 'b', 'c'), members(['a', 'b', 'c']), {}, both, {
      membersPerRequest: 1,
    });
    expect(outcome).toEqual({ kind: 'done', status: 200, evidence: 'read' });
    expect(lines).toEqual([
      'PATCH /Groups/id-eng',
      'PATCH /Groups/id-eng',
      'PATCH /Groups/id-eng',
      'GET /Groups/id-eng',
    ]);
  });

  test('a group without members accepted no member', async () => {
    const { outcome } = await changing(
      ({ method }) => (method === 'GET' ? { body: { id: 'id-eng' } } : { status: 204 }),
      members(['a', 'b']),
      {},
      both,
    );
    expect(outcome).toMatchObject({ kind: 'rejected', status: 204 });
  });

  test.each<[string, Scripted, Partial<Protocol>]>([
    ['the group cannot be read', refusal(403), both],
    ['the target does not return members', shows(), { ...both, returnsMembers: false }],
    ['the profile requires no verification', shows(), {}],
  ])('no member counts as dropped if %s', async (_, group, protocol) => {
    expect(
      (await changing(({ method }) => (method === 'GET' ? group : { status: 204 }), members(['a']), {}, protocol))
        .outcome,
    ).toEqual({ kind: 'done', status: 204 });
  });
});

describe('a group that is too large for PATCH', () => {
  const about = { members: memberRefs('a', 'b'), knownResource: { displayName: 'Engineering' } };
  const group: Scripted = { body: { id: 'id-eng', members: ['a', 'b'].map((key) => ({ value: `id-${key}` })) } };
  test.each<[string, Partial<Protocol>, MembersOperation, object, readonly string[]]>([
    ['small enough', {}, members([], ['a']), { kind: 'done' }, ['PATCH /Groups/id-eng']],
    ['written whole', {}, members(['c']), { kind: 'done' }, ['GET /Groups/id-eng', 'PUT /Groups/id-eng']],
    [
      'written completely at once, with any number of additions',
      {},
      members(['c', 'd', 'e', 'f', 'g']),
      { kind: 'done' },
      ['GET /Groups/id-eng', 'PUT /Groups/id-eng'],
    ],
    [
      'not where members are not shown',
      { returnsMembers: false },
      members(['c']),
      { kind: 'skipped', detail: expect.stringContaining('more than 2 members') },
      [],
    ],
    [
      'the target has no PUT',
      { updateGroups: 'patch' },
      members(['c']),
      { kind: 'skipped', detail: expect.stringContaining('more than 2 members') },
      [],
    ],
  ])('%s', async (_, protocol, operation, outcome, lines) => {
    expect(
      await changing(({ method }) => (method === 'GET' ? group : ok), operation, about, protocol, {
        maxPatchableGroupSize: 2,
        membersPerRequest: 2,
      }),
    ).toMatchObject({ outcome, lines });
  });
});

test('a group below the PATCH limit is changed in the usual batches', async () => {
  const changed = await changing(
    () => ok,
    members(['c', 'd', 'e']),
    { members: memberRefs('a') },
    {},
    { maxPatchableGroupSize: 10, membersPerRequest: 2 },
  );
  expect(changed).toMatchObject({ outcome: { kind: 'done' }, patches: ['+c +d', '+e'] });
});

describe('members of a target where add removes the other members', () => {
  const protocol = { addMembers: 'replace' } as const;
  const group: Scripted = { body: { id: 'id-eng', members: ['a', 'b', 'x'].map((key) => ({ value: `id-${key}` })) } };

  test('one replace contains all members of the group, also those that no mapping manages', async () => {
    const { outcome, lines, seen } = await changing(
      ({ method }) => (method === 'GET' ? group : { status: 204 }),
      members(['c', 'd'], ['b']),
      { members: memberRefs('a', 'b') },
      protocol,
      { membersPerRequest: 1 },
    );
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lines).toEqual(['GET /Groups/id-eng', 'PATCH /Groups/id-eng']);
    expect(seen[1]?.body.Operations).toEqual([
      { op: 'replace', path: 'members', value: ['a', 'x', 'c', 'd'].map((key) => ({ value: `id-${key}` })) },
    ]);
  });

  test.each<[string, Scripted, Partial<Protocol>]>([
    ['cannot be read', refusal(500), protocol],
    ['does not show its members', group, { ...protocol, returnsMembers: false }],
  ])('no request is sent if the group %s', async (_, shown, settings) => {
    const { outcome, seen } = await changing(() => shown, members(['c']), { members: memberRefs('a') }, settings);
    expect(outcome.kind).not.toBe('done');
    expect(seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('413 is final: a smaller change would not make the request smaller', async () => {
    const { outcome, lines } = await changing(
      ({ method }) => (method === 'GET' ? group : refusal(413)),
      members(['c', 'd', 'e', 'f']),
      { members: memberRefs('a', 'b') },
      protocol,
    );
    expect(outcome.kind).toBe('rejected');
    expect(lines).toEqual(['GET /Groups/id-eng', 'PATCH /Groups/id-eng']);
  });
});

describe('members of a target with PUT only', () => {
  test('unknown members are not removed', async () => {
    const { outcome, lines } = await changing(
      () => ok,
      members(['c']),
      {},
      { updateGroups: 'getThenPut', returnsMembers: false },
    );
    expect(outcome).toMatchObject({ kind: 'skipped', detail: expect.stringContaining('would remove them') });
    expect(lines).toEqual([]);
  });

  const all = memberRefs('a', 'b');
  const putsOf = (seen: readonly Seen[]) =>
    seen
      .filter(({ method }) => method === 'PUT')
      .map(({ body }) => body.members.map(({ value }: { value: string }) => value.slice(3)).join(' '));

  test('the whole group is sent, after a GET if it is not known', async () => {
    const group: Scripted = { body: { id: 'id-eng', displayName: 'Engineering', externalId: 'eng', members: [] } };
    const { outcome, lines, seen } = await changing(
      () => group,
      members(['c'], ['a']),
      { members: all },
      { update: 'put' },
    );
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lines).toEqual(['GET /Groups/id-eng', 'PUT /Groups/id-eng']);
    expect(seen[1]?.body).toMatchObject({ id: 'id-eng', displayName: 'Engineering', externalId: 'eng' });
    expect(putsOf(seen)).toEqual(['b c']);
    expect(
      (
        await changing(
          () => group,
          members(['c'], ['a']),
          { members: all, knownResource: { displayName: 'Engineering' } },
          { update: 'put' },
        )
      ).lines,
    ).toEqual(['PUT /Groups/id-eng']);
  });

  test('concurrent batches do not undo each other', async () => {
    let group: unknown = { id: 'id-eng', members: ['a', 'b'].map((key) => ({ value: `id-${key}` })) };
    await using server = await scriptedServer(({ method, body }) => {
      if (method === 'PATCH') return refusal(501);
      if (method === 'PUT') group = body;
      return { body: group };
    });
    using app = target(server.url);
    const about = { members: all, knownResource: { displayName: 'Engineering' } };
    await Promise.all(
      [members(['c']), members(['d'], ['a']), members(['e'])].map((part) =>
        app.perform(operationContext(part, about), never),
      ),
    );
    expect(putsOf(server.seen).at(-1)?.split(' ').sort()).toEqual(['b', 'c', 'd', 'e']);
  });

  test('a membership after a rename keeps the new name', async () => {
    await using server = await scriptedServer(() => ok);
    using app = target(server.url, { protocol: { update: 'put' } });
    const about = { members: all, knownResource: { displayName: 'Engineering' } };
    await Promise.all(
      [update('eng', [['displayName', 'Engineering', 'Machines']], {}, 'Group'), members(['c'])].map((part) =>
        app.perform(operationContext(part, about), never),
      ),
    );
    expect(server.seen.map(({ body }) => body.displayName)).toEqual(['Machines', 'Machines']);
  });

  test('unknown members are kept', async () => {
    const { outcome, lines } = await changing(() => ok, members(['c']), {}, { update: 'put' });
    expect(outcome).toEqual({ kind: 'needsMembers' });
    expect(lines).toEqual([]);
  });

  test('each batch sends the version that the previous one returned', async () => {
    let version = 1;
    await using server = await scriptedServer((request) => {
      if (request.headers['if-match'] !== `W/"${version}"`) return refusal(412);
      version += 1;
      return { ...ok, headers: { ETag: `W/"${version}"` } };
    });
    using app = target(server.url, { protocol: { ifMatch: 'always' } });
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((key) => app.perform(operationContext(members([key]), { version: 'W/"1"' }), never)),
    );
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['done', 'done', 'done']);
    expect(server.lines()).toHaveLength(3);
  });

  test('after a response without a version, the next request sends no version', async () => {
    await using server = await scriptedServer(() => ({ status: 204 }));
    using app = target(server.url, { protocol: { ifMatch: 'always' } });
    for (const key of ['a', 'b']) await app.perform(operationContext(members([key]), { version: 'W/"1"' }), never);
    expect(server.seen.map(({ headers }) => headers['if-match'])).toEqual(['W/"1"', undefined]);
  });
});
