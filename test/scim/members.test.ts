import { describe, expect, test } from '@jest/globals';
import type { Addressed } from '../../src/scim/target.ts';
import { addressed, idOf, members, never, person, target } from './setting.ts';
import { refusal, scriptedServer, type Script, type Scripted, type Seen } from './scripted-server.ts';

const ok: Scripted = { status: 200, body: { id: 'id-eng' } };

/** Keys that a PATCH adds and removes: "+a -b". */
function said({ body }: Seen): string {
  return (body?.Operations ?? []).map(({ op, path, value }: any) => (op === 'add' ? value.map((one: any) => `+${one.value.slice(3)}`).join(' ') : `-${/id-([^"]+)/.exec(path)?.[1]}`)).join(' ');
}

/** Refuses a PATCH that names one of the bad ones; `group` is what the group is read as. */
const strict = (bad: readonly string[], refused: Scripted, group: Scripted = ok): Script => (request) => {
  if (request.method === 'GET') return group;
  return bad.some((key) => said(request).split(' ').some((word) => word.slice(1) === key)) ? refused : ok;
};

async function changing(script: Script, operation: Addressed['operation'], changes: Partial<Addressed> = {}, speaks: object = {}) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { speaks });
  const { outcome } = await app.perform(addressed(operation, changes), never);
  return { outcome, lines: server.lines(), patches: server.seen.filter(({ method }) => method === 'PATCH').map(said), seen: server.seen };
}

describe('members', () => {
  test('come and go in one request', async () => {
    const { outcome, patches } = await changing(() => ok, members(['a', 'b'], ['c']));
    expect(outcome).toEqual({ kind: 'done', status: 200 });
    expect(patches).toEqual(['-c +a +b']);
  });

  test('who is not at the target yet is left out, and said so', async () => {
    const { outcome, patches } = await changing(() => ok, members(['a', 'B'], ['C']));
    expect(patches).toEqual(['+a']);
    expect(outcome).toMatchObject({ kind: 'done', leftOut: [person('C'), person('B')], detail: expect.stringMatching(/^2 of 3 memberships left out: they have no account/) });
    expect((await changing(() => ok, members(['B']))).outcome).toMatchObject({ kind: 'skipped', detail: expect.stringMatching(/^dependency/) });
  });

  test('the group is gone', async () => {
    expect(await changing(() => refusal(404), members(['a', 'b']))).toMatchObject({ outcome: { kind: 'gone' }, lines: ['PATCH /Groups/id-eng', 'GET /Groups/id-eng'] });
  });

  test.each<[string, Scripted]>([['400', refusal(400, 'invalidValue', 'no such user')], ['404', refusal(404, undefined, 'no such user')]])('one bad member of eight (%s) does not keep the others out', async (_, refused) => {
    const { outcome, patches } = await changing(strict(['f'], refused), members(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']));
    expect(outcome).toMatchObject({ kind: 'done', leftOut: [person('f')], detail: expect.stringContaining('no such user') });
    expect(patches).toEqual(['+a +b +c +d +e +f +g +h', '+a +b +c +d', '+e +f +g +h', '+e +f', '+e', '+f', '+g +h']);
  });

  test('a removal that somebody else did is done', async () => {
    const noTarget = refusal(400, 'noTarget');
    expect((await changing(strict(['a'], noTarget), members([], ['a']))).outcome).toEqual({ kind: 'done', status: 400 });
    const { outcome, patches } = await changing(strict(['b'], noTarget), members(['x'], ['a', 'b']));
    expect(outcome).toEqual({ kind: 'done', status: 200 });
    expect(patches).toEqual(['-a -b +x', '-a -b', '-a', '-b', '+x']);
  });

  test('what a listing of members does not show proves no removal', async () => {
    const group: Scripted = { body: { id: 'id-eng', members: [] } };
    expect((await changing(strict(['a'], refusal(400), group), members([], ['a']))).outcome).toMatchObject({ kind: 'refused', status: 400 });
  });

  test('who is a member already is one, whatever the target says to it', async () => {
    const group: Scripted = { body: { id: 'id-eng', members: [{ value: 'id-b' }] } };
    const { outcome, lines, patches } = await changing(strict(['b'], refusal(400, undefined, 'duplicate'), group), members(['a', 'b', 'c']));
    expect(outcome).toEqual({ kind: 'done', status: 200 });
    expect(patches).toEqual(['+a +b +c', '+a +c']);
    expect(lines).toHaveLength(3);
    expect((await changing(strict(['b'], refusal(409)), members(['b']))).outcome).toMatchObject({ kind: 'done' });
  });

  test('too much at once goes in halves', async () => {
    const { outcome, patches, lines } = await changing((request) => (said(request).split(' ').length > 2 ? { status: 413, body: '<html>too large</html>' } : ok), members(['a', 'b', 'c', 'd']));
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(patches).toEqual(['+a +b +c +d', '+a +b', '+c +d']);
    expect(lines).toHaveLength(3);
  });

  test('a target that takes nobody is not asked for each', async () => {
    const many = Array.from({ length: 64 }, (_, index) => `m${index}`);
    const { outcome, lines } = await changing(strict(many, refusal(400, 'mutability', 'groups are managed elsewhere')), members(many));
    expect(outcome).toMatchObject({ kind: 'refused', status: 400, detail: expect.stringContaining('managed elsewhere') });
    expect(lines.length).toBeLessThan(20);
  });

  test('what was taken stays taken when the target goes down', async () => {
    let answers = 0;
    const { outcome } = await changing(({ method }) => (method === 'GET' ? ok : [refusal(400), ok][answers++] ?? refusal(503)), members(['a', 'b', 'c', 'd']));
    expect(outcome).toMatchObject({ kind: 'done', leftOut: [person('c'), person('d')], detail: expect.stringContaining('503') });
  });

  test.each<[string, Scripted, object]>([
    ['denied', refusal(403), { kind: 'refused', status: 403 }],
    ['down', refusal(503), { kind: 'unavailable', status: 503 }],
  ])('%s: not said in halves', async (_, answer, outcome) => {
    const result = await changing(() => answer, members(['a', 'b']));
    expect(result.outcome).toMatchObject(outcome);
    expect(new Set(result.patches)).toEqual(new Set(['+a +b']));
  });
});

describe('members of a target that only takes PUT', () => {
  const all = () => [idOf('a'), idOf('b')];
  const putsOf = (seen: readonly Seen[]) => seen.filter(({ method }) => method === 'PUT').map(({ body }) => body.members.map(({ value }: { value: string }) => value.slice(3)).join(' '));

  test('the whole group, read first where it is not known', async () => {
    const group: Scripted = { body: { id: 'id-eng', displayName: 'Engineering', externalId: 'eng', members: [] } };
    const { outcome, lines, seen } = await changing(() => group, members(['c'], ['a']), { allMembers: all }, { update: 'put' });
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lines).toEqual(['GET /Groups/id-eng', 'PUT /Groups/id-eng']);
    expect(seen[1]?.body).toMatchObject({ id: 'id-eng', displayName: 'Engineering', externalId: 'eng' });
    expect(putsOf(seen)).toEqual(['b c']);
    expect((await changing(() => group, members(['c'], ['a']), { allMembers: all, known: { displayName: 'Engineering' } }, { update: 'put' })).lines).toEqual(['PUT /Groups/id-eng']);
  });

  test('parts that are said side by side do not undo each other', async () => {
    await using server = await scriptedServer(({ method }) => (method === 'PATCH' ? refusal(501) : ok));
    using app = target(server.url);
    const about = { allMembers: all, known: { displayName: 'Engineering' } };
    await Promise.all([members(['c']), members(['d'], ['a']), members(['e'])].map((part) => app.perform(addressed(part, about), never)));
    expect(putsOf(server.seen).at(-1)?.split(' ').sort()).toEqual(['b', 'c', 'd', 'e']);
  });

  test('unknown members are never written away', async () => {
    const { outcome, lines } = await changing(() => ok, members(['c']), {}, { update: 'put' });
    expect(outcome).toMatchObject({ kind: 'skipped', detail: expect.stringContaining('without losing members') });
    expect(lines).toEqual(['GET /Groups/id-eng']);
  });

  test('with versions, each part names the version that the one before has made', async () => {
    let version = 1;
    await using server = await scriptedServer((request) => {
      if (request.headers['if-match'] !== `W/"${version}"`) return refusal(412);
      version += 1;
      return { ...ok, headers: { ETag: `W/"${version}"` } };
    });
    using app = target(server.url, { speaks: { ifMatch: 'always' } });
    const outcomes = await Promise.all(['a', 'b', 'c'].map((key) => app.perform(addressed(members([key]), { version: 'W/"1"' }), never)));
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['done', 'done', 'done']);
    expect(server.lines()).toHaveLength(3);
  });
});
