import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import { never, operationContext, remove, target, update } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Scripted } from '../scripted-server.ts';

const knownResource = { userName: 'ada', externalId: 'k1', active: true };
const closing: Operation = { ...update('ada', [['active', true, false]], knownResource), action: 'deactivate' };
const account = (id: string, active = true, externalId = 'k1') => ({ id, externalId, active });

async function removing(operation: Operation, search: Scripted, mayHaveDuplicates = true, other: Scripted = {}) {
  await using server = await scriptedServer(({ method, url }) =>
    url.includes('filter=')
      ? search
      : method === 'DELETE'
        ? { status: 204 }
        : url.endsWith('id-ada')
          ? { body: account('id-ada', false) }
          : { body: account('2', false), ...other },
  );
  using app = target(server.url);
  const context = operationContext(operation, { knownResource, mayHaveDuplicates });
  const { outcome } = await app.perform(context, never);
  return { outcome, lines: server.lines() };
}

describe('a removal after a create in doubt', () => {
  const search = 'GET /Users?filter=externalId eq "k1"';

  test('closes each active account with the externalId', async () => {
    const rows = [account('id-ada'), account('2'), account('3', false), account('4', true, 'k9')];
    const { outcome, lines } = await removing(closing, page(rows));
    expect(lines).toEqual(['PATCH /Users/id-ada', search, 'PATCH /Users/2']);
    expect(outcome).toMatchObject({ kind: 'done', detail: '1 more with externalId "k1" removed, too' });
  });

  test('deletes inactive ones, too', async () => {
    const { lines } = await removing(remove('ada'), page([account('2'), account('3', false)]));
    expect(lines).toEqual(['DELETE /Users/id-ada', search, 'DELETE /Users/2', 'DELETE /Users/3']);
  });

  test('fails if another account stays', async () => {
    const { outcome } = await removing(closing, page([account('2')]), true, refusal(403));
    expect(outcome).toMatchObject({ kind: 'rejected', detail: expect.stringContaining('(id 2) could not be removed') });
  });

  test('fails if the others cannot be looked up', async () => {
    expect((await removing(closing, refusal(403))).outcome).toMatchObject({ kind: 'rejected' });
  });

  test.each([
    ['all accounts', 2, 'done'],
    ['some of them', 20, 'rejected'],
  ])('where the target ignores the filter and lists %s', async (_, total, expected) => {
    const rows = [account('id-ada'), account('9', true, 'k9')];
    expect((await removing(closing, page(rows, total))).outcome.kind).toBe(expected);
  });

  test('costs no look-up for any other leaver', async () => {
    expect((await removing(closing, page([account('2')]), false)).lines).toEqual(['PATCH /Users/id-ada']);
  });
});
