import { describe, expect, test } from '@jest/globals';
import type { Protocol } from '../../../src/model/profile.ts';
import { members, never, operationContext, target } from '../fixtures.ts';
import { refusal, scriptedServer, type Script, type Scripted, type Seen } from '../scripted-server.ts';

const group = (...ids: readonly string[]): Scripted => ({
  status: 200,
  body: { id: 'id-eng', members: ids.map((value) => ({ value })) },
});
const removesIn = ({ text }: Seen): readonly string[] =>
  [...text.matchAll(/"members\[value eq \\"([^\\]+)\\"\]"/g)].map(([, id = '']) => id);

/** Refuses each change of the group that leaves one of these members, and names the first of them. */
function strictGroup(ids: readonly string[], reads: (path: string) => Scripted): Script {
  return (request) => {
    const { method, url } = request;
    if (method === 'GET') return url.startsWith('/Groups/id-eng') ? group('id-a', ...ids) : reads(url);
    const removed = removesIn(request);
    const remaining = ids.find((id) => !removed.includes(id));
    return remaining === undefined ? { status: 204 } : refusal(400, 'invalidValue', `no user "${remaining}"`);
  };
}

async function changing(script: Script, operation = members(['b'], ['a']), protocol: Partial<Protocol> = {}) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol });
  const { outcome } = await app.perform(operationContext(operation), never);
  return { outcome, lines: server.lines(), seen: server.seen };
}

const patch = 'PATCH /Groups/id-eng';
const gone = 'gone-4711';

describe('a refusal that names another member of the group', () => {
  test('removes the member together with the changes, once reads show that it does not exist', async () => {
    const { outcome, lines } = await changing(strictGroup([gone], () => refusal(404)));
    expect(outcome).toMatchObject({ kind: 'done', status: 204, danglingIds: [gone] });
    expect(outcome).not.toHaveProperty('rejectedMembers');
    expect(lines).toEqual([patch, 'GET /Groups/id-eng', `GET /Users/${gone}`, `GET /Groups/${gone}`, patch]);
  });

  test('does so for each member that the target names, one after the other', async () => {
    const ids = [gone, 'gone-4712', 'gone-4713'];
    const { outcome, seen } = await changing(strictGroup(ids, () => refusal(404)));
    expect(outcome).toMatchObject({ kind: 'done', danglingIds: expect.arrayContaining(ids) });
    expect(seen.filter(({ method }) => method === 'PATCH')).toHaveLength(4);
  });

  test.each<[string, (path: string) => Scripted]>([
    ['exists', (path) => ({ status: 200, body: { id: path.split('/').at(-1) ?? '' } })],
    ['is a group', (path) => (path.startsWith('/Users') ? refusal(404) : { status: 200, body: { id: gone } })],
    ['cannot be read', () => refusal(403)],
    ['is not found by a gateway', () => ({ status: 404, body: '<html>not found</html>' })],
  ])('keeps a member that %s, and reads it once', async (_, reads) => {
    const { outcome, lines, seen } = await changing(strictGroup([gone], reads));
    expect(outcome).toMatchObject({ kind: 'rejected', status: 400 });
    expect(seen.flatMap(removesIn)).not.toContain(gone);
    expect(lines.filter((line) => line === `GET /Users/${gone}`)).toHaveLength(1);
  });

  test('reads none where the answer names more members than a refusal would', async () => {
    const ids = Array.from({ length: 11 }, (_, index) => `member-${index + 10}`);
    const { lines } = await changing((request) =>
      request.method === 'GET' ? group(...ids) : refusal(400, undefined, ids.join(' ')),
    );
    expect(lines.filter((line) => line.startsWith('GET /Users'))).toEqual([]);
  });
});
