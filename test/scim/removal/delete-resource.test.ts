import { describe, expect, test } from '@jest/globals';
import type { Protocol } from '../../../src/model/profile.ts';
import type { PerformOutcome } from '../../../src/scim/operation-context.ts';
import { refusesDeletion } from '../../../src/scim/removal/refused-deletion.ts';
import { never, operationContext, remove, target } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Script, type Scripted } from '../scripted-server.ts';

const knownResource = { userName: 'ada', active: true };

async function deleting(
  script: Script,
  known: object = knownResource,
  protocol: Partial<Protocol> = {},
  failedBefore = false,
) {
  await using server = await scriptedServer(script);
  using app = target(server.url, { protocol });
  const context = operationContext(remove('ada'), {
    knownResource: known as typeof knownResource,
    failedBefore,
  });
  const { outcome } = await app.perform(context, never);
  return { outcome, lines: [...new Set(server.lines())] };
}

const by =
  (answers: Readonly<Record<string, Scripted>>): Script =>
  ({ method, url }) =>
    url.includes('filter=') ? page([]) : (answers[method] ?? refusal(404));
const deactivated: Scripted = { body: { id: 'id-ada', userName: 'ada', active: false } };

test.each<[PerformOutcome, boolean]>([
  ...[302, 400, 403, 405, 409, 422, 501].map((status): [PerformOutcome, boolean] => [
    { kind: 'rejected', status, detail: '' },
    true,
  ]),
  ...[200, 401, 404, 410, 412, 428].map((status): [PerformOutcome, boolean] => [
    { kind: 'rejected', status, detail: '' },
    false,
  ]),
  [{ kind: 'unavailable', status: 500, detail: '' }, true],
  ...[408, 429, 502, 503, 504].map((status): [PerformOutcome, boolean] => [
    { kind: 'unavailable', status, detail: '' },
    false,
  ]),
  [{ kind: 'unavailable', detail: '' }, false],
  [{ kind: 'unknown', detail: '' }, false],
  [{ kind: 'skipped', detail: '' }, false],
  [{ kind: 'notFound', status: 404, detail: '' }, false],
  [{ kind: 'done', status: 204 }, false],
])('%j refuses the deletion: %s', (outcome, expected) => {
  expect(refusesDeletion(outcome)).toBe(expected);
});

test.each<[number, boolean]>([
  [408, true],
  [429, false],
  [500, true],
  [502, true],
  [503, true],
  [504, true],
])('%i to a deletion that failed in an earlier pass: %s', (status, expected) => {
  expect(refusesDeletion({ kind: 'unavailable', status, detail: '' }, true)).toBe(expected);
});

describe('a refused deletion of a user', () => {
  test.each([400, 403, 405, 500, 501])('%i is followed by a deactivation', async (status) => {
    const { outcome, lines } = await deleting(by({ DELETE: refusal(status), PATCH: deactivated }));
    expect(outcome).toMatchObject({
      kind: 'done',
      status: 200,
      insteadOfDeletion: { kind: 'deactivated' },
      detail: expect.stringContaining(`so it was deactivated: ${status}`),
    });
    expect(lines).toEqual(['DELETE /Users/id-ada', 'PATCH /Users/id-ada']);
  });

  test('leaves an inactive account as it is', async () => {
    const { outcome, lines } = await deleting(by({ DELETE: refusal(405) }), { userName: 'ada', active: false });
    expect(outcome).toMatchObject({ kind: 'done', insteadOfDeletion: { kind: 'deactivated' } });
    expect(lines).toEqual(['DELETE /Users/id-ada']);
  });

  test('fails with both answers where the deactivation is refused, too', async () => {
    const { outcome } = await deleting(by({ DELETE: refusal(405), PATCH: refusal(403), PUT: refusal(403) }));
    expect(outcome).toMatchObject({ kind: 'rejected', detail: expect.stringMatching(/^405.*instead: 403/) });
  });

  test('is done where the account is gone after all', async () => {
    const { outcome } = await deleting(by({ DELETE: refusal(500), PATCH: refusal(404), GET: refusal(404) }));
    expect(outcome).toMatchObject({ kind: 'notFound', detail: 'already gone, confirmed by look-up' });
  });

  test('is not followed by the same DELETE where that deactivates', async () => {
    const { lines } = await deleting(by({ DELETE: refusal(405) }), knownResource, { deactivation: 'delete' });
    expect(lines).toEqual(['DELETE /Users/id-ada']);
  });

  test('a temporary failure is no refusal', async () => {
    const { outcome, lines } = await deleting(by({ DELETE: refusal(503) }));
    expect(outcome).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(lines).not.toContain('PATCH /Users/id-ada');
  });

  test('a failure in a second pass is followed by a deactivation', async () => {
    const script = by({ DELETE: refusal(503), PATCH: deactivated });
    const { outcome, lines } = await deleting(script, knownResource, {}, true);
    expect(outcome).toMatchObject({ kind: 'done', insteadOfDeletion: { kind: 'deactivated' } });
    expect(lines).toEqual(['DELETE /Users/id-ada', 'PATCH /Users/id-ada']);
  });
});
