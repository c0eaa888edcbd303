import { expect, test } from '@jest/globals';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { EditOperation } from '../../../src/model/operation.ts';
import { partsAfterRefusal, sendInParts, type SentPart } from '../../../src/scim/operations/send-in-parts.ts';
import { toResponse } from '../../../src/scim/transport/message.ts';
import { operationContext, resolve, update } from '../fixtures.ts';

const edit = (path: string) => ({ path, from: 'old', to: path === 'active' ? false : 'new' });

test.each<[string[], string[], string[][], string[]]>([
  // paths of the edits, named paths, parts, not sent
  [['title', 'locale'], [], [['title'], ['locale']], []],
  [['title', 'locale', 'nickName'], ['title'], [['locale', 'nickName']], ['title']],
  [['title', 'locale'], ['title', 'locale'], [['title'], ['locale']], []],
  [['title', 'active', 'locale'], [], [['active'], ['title', 'locale']], []],
  [['title', 'active'], ['title'], [['active']], ['title']],
  [['title', 'active'], ['active'], [['active'], ['title']], []],
])('%j, where %j is named, is sent as %j', (paths, named, parts, notSent) => {
  const actual = partsAfterRefusal(paths.map(edit), named);
  expect(actual.parts.map((part) => part.map(({ path }) => path))).toEqual(parts);
  expect(actual.notSent.map(({ path }) => path)).toEqual(notSent);
});

const refusal = (detail: string, status = 400) => toResponse(status, {}, JSON.stringify({ detail }));
const operation = update('ada', [
  ['title', 'a', 'b'],
  ['locale', 'c', 'd'],
  ['active', true, false],
]);

/** Sends parts to a target that refuses these paths. */
async function sendTo(refused: readonly string[], detail = 'no', failure?: Outcome) {
  const sent: EditOperation[] = [];
  const ended: boolean[] = [];
  const outcome = await sendInParts(
    { capabilities: { splitEnded: (isAccepted: boolean) => ended.push(isAccepted) } as never },
    { ...operationContext(operation), resolve },
    operation,
    { outcome: { kind: 'rejected', status: 400, detail: `400: ${detail}` }, refusal: refusal(detail) },
    (part): Promise<SentPart> => {
      sent.push(part);
      if (failure !== undefined && sent.length > 1) return Promise.resolve({ outcome: failure });
      const isRefused = part.edits.some(({ path }) => refused.includes(path));
      return Promise.resolve(
        isRefused
          ? { outcome: { kind: 'rejected', status: 400, detail: 'no' }, refusal: refusal('no') }
          : { outcome: { kind: 'done', status: 200 } },
      );
    },
  );
  return {
    outcome,
    ended,
    sent: sent.map(({ edits }) => edits.map(({ path }) => path)),
    bodies: sent.map((one) => one.body),
  };
}

test('the end of access is sent alone and first; the rest is divided where it is refused', async () => {
  const { outcome, sent, bodies, ended } = await sendTo(['title']);
  expect(sent).toEqual([['active'], ['title', 'locale'], ['title'], ['locale']]);
  expect(outcome).toMatchObject({ kind: 'done', refused: ['title'] });
  expect(ended).toEqual([true]);
  expect(bodies).toEqual([
    { active: false, title: 'a', locale: 'c' },
    { active: false, title: 'b', locale: 'd' },
    { active: false, title: 'b', locale: 'c' },
    { active: false, title: 'a', locale: 'd' },
  ]);
});

test('a named attribute is not sent again', async () => {
  const { outcome, sent } = await sendTo(['title'], 'title is not in the list');
  expect(sent).toEqual([['active'], ['locale']]);
  expect(outcome).toMatchObject({ kind: 'done', refused: ['title'] });
});

test('all parts are refused: the first refusal is the result', async () => {
  const { outcome, ended } = await sendTo(['title', 'locale', 'active']);
  expect(outcome).toMatchObject({ kind: 'rejected', status: 400, detail: expect.stringContaining('one by one') });
  expect(ended).toEqual([false]);
});

test('another failure ends it', async () => {
  const { outcome, sent } = await sendTo([], 'no', { kind: 'unavailable', detail: 'down' });
  expect(outcome).toEqual({ kind: 'unavailable', detail: 'down' });
  expect(sent).toHaveLength(2);
});
