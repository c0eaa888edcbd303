import { describe, expect, test } from '@jest/globals';
import type { MembersOperation } from '../../../src/model/operation.ts';
import type { PerformOutcome } from '../../../src/scim/operation-context.ts';
import { hurriedClock, idOf, members, never, operationContext, target } from '../fixtures.ts';
import { refusal, scriptedServer, type Scripted, type Seen } from '../scripted-server.ts';

const group = (...keys: readonly string[]) => ({ members: keys.map((key) => ({ value: idOf(key) })) });

/** Performs changes one after the other; the group is shown with these attributes. */
async function changing(
  operations: readonly MembersOperation[],
  read: (request: Seen, change: number) => Scripted,
  write: Scripted = { status: 204 },
): Promise<{ readonly outcomes: readonly PerformOutcome[]; readonly reads: readonly string[] }> {
  let change = 0;
  await using server = await scriptedServer((request) => (request.method === 'GET' ? read(request, change) : write));
  using app = target(server.url, {}, hurriedClock(), { firstWrites: 3, writesShare: 0 });
  const outcomes: PerformOutcome[] = [];
  for (const operation of operations) {
    change += 1;
    outcomes.push((await app.perform(operationContext(operation), never)).outcome);
  }
  return { outcomes, reads: server.lines().filter((line) => line.startsWith('GET')) };
}

const shown = (attributes: object): Scripted => ({ body: { id: 'id-eng', displayName: 'eng', ...attributes } });

describe('a change of members, answered 204', () => {
  test('at a target that never shows members: not contradicted', async () => {
    const { outcomes, reads } = await changing([members(['a'])], () => shown({}));
    expect(outcomes).toEqual([{ kind: 'done', status: 204 }]);
    expect(reads).toEqual(['GET /Groups/id-eng', 'GET /Groups/id-eng?attributes=members']);
  });

  test('at a target that shows members on request: as that read shows', async () => {
    const onRequest = (attributes: object) => (request: Seen) =>
      shown(request.url.includes('attributes=members') ? attributes : {});
    expect((await changing([members(['a'])], onRequest(group('a')))).outcomes).toMatchObject([
      { kind: 'done', evidence: 'read' },
    ]);
    expect((await changing([members(['a'])], onRequest(group('b')))).outcomes).toMatchObject([{ kind: 'rejected' }]);
  });

  test('a group with other members contradicts an addition', async () => {
    expect((await changing([members(['a'])], () => shown(group('b')))).outcomes).toMatchObject([{ kind: 'rejected' }]);
  });

  test('an absent list contradicts it once the target has shown members', async () => {
    const { outcomes } = await changing([members(['a']), members(['b'])], (_, change) =>
      change === 1 ? shown(group('a')) : shown({}),
    );
    expect(outcomes).toMatchObject([
      { kind: 'done', evidence: 'read' },
      { kind: 'rejected', status: 204 },
    ]);
  });

  test('an absent list confirms the removal of the last member there', async () => {
    const { outcomes } = await changing([members(['a']), members([], ['a'])], (_, change) =>
      change === 1 ? shown(group('a')) : shown({}),
    );
    expect(outcomes).toMatchObject([
      { kind: 'done', evidence: 'read' },
      { kind: 'done', evidence: 'read' },
    ]);
  });

  test('a group that cannot be read leaves the change in doubt', async () => {
    expect((await changing([members(['a'])], () => refusal(403))).outcomes).toMatchObject([{ kind: 'unknown' }]);
  });
});
