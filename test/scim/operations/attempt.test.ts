import { describe, expect, test } from '@jest/globals';
import { toResponse } from '../../../src/scim/transport/message.ts';
import { decide } from '../../../src/scim/judge/judge-response.ts';
import {
  fallbacks,
  firstApplicable,
  type Answer,
  type Attempt,
  type Fallback,
  type FallbackFacts,
} from '../../../src/scim/operations/attempt.ts';
import { members, remove, update } from '../fixtures.ts';

const first: Attempt = {
  method: 'patch',
  valuePaths: true,
  ifMatch: false,
  base: 'known',
  version: 'known',
  isGuess: false,
};
const rebased: Attempt = { ...first, base: 'current', version: 'current' };
const wholeAttributes: Attempt = { ...rebased, valuePaths: false };

const mail = update('ada', [['emails[type eq "work"].value', 'a@x', 'b@x']]);
const title = update('ada', [['title', 'x', 'y']]);
const closing = { ...update('ada', [['active', true, false]]), action: 'deactivate' as const };
const fresh: Attempt = { ...first, ifMatch: true, version: 'current' };
const otherPut: Attempt = { ...first, method: 'getThenPut', isGuess: true };
const usual: FallbackFacts = {
  operation: mail,
  putMethod: 'getThenPut',
  firstMethod: 'patch',
  ifMatch: 'auto',
  failedBefore: false,
};

function answer(
  status: number,
  scimType?: string,
  requestMethod: Answer['requestMethod'] = 'PATCH',
  hasIfMatch = false,
): Answer {
  const result = toResponse(status, {}, JSON.stringify({ status: String(status), scimType }));
  return { result, decision: decide(result), requestMethod, hasIfMatch };
}

const withVersion = (status: number): Answer => answer(status, 'invalidValue', 'PATCH', true);

type Row = [string, Partial<FallbackFacts>, Attempt, Answer, Fallback['name'] | undefined, Attempt?];

describe('the first fallback that applies', () => {
  test.each<Row>([
    ['405 to PATCH', {}, first, answer(405), 'putInsteadOfPatch', { ...first, method: 'getThenPut' }],
    ['501 to PATCH', {}, first, answer(501), 'putInsteadOfPatch', { ...first, method: 'getThenPut' }],
    [
      '405 to PATCH of a group',
      { operation: members(['a']) },
      first,
      answer(405),
      'putInsteadOfPatch',
      { ...first, method: 'getThenPut' },
    ],
    ['405 to PATCH, where the profile states PATCH', { putMethod: undefined }, first, answer(405), undefined],
    ['405 to PUT', {}, { ...first, method: 'put' }, answer(405, undefined, 'PUT'), undefined],
    ['405 to DELETE', { operation: remove('ada') }, first, answer(405, undefined, 'DELETE'), undefined],
    ['412', {}, first, answer(412), 'freshVersion', { ...first, ifMatch: true, version: 'current' }],
    ['428', {}, first, answer(428), 'freshVersion', { ...first, ifMatch: true, version: 'current' }],
    [
      '412 to DELETE',
      { operation: remove('ada') },
      first,
      answer(412, undefined, 'DELETE'),
      'freshVersion',
      { ...first, ifMatch: true, version: 'current' },
    ],
    [
      '412 to a version that was just read',
      {},
      fresh,
      withVersion(412),
      'withoutVersion',
      { ...first, ifMatch: false, version: 'known' },
    ],
    ['412 without If-Match, after a read', { ifMatch: 'never' }, fresh, answer(412), undefined],
    [
      '400 with If-Match',
      { operation: title },
      { ...first, ifMatch: true },
      withVersion(400),
      'versionNotSent',
      { ...first, isGuess: true },
    ],
    [
      '400 with If-Match, which the profile requires',
      { operation: title, ifMatch: 'always' },
      { ...first, ifMatch: true },
      withVersion(400),
      undefined,
    ],
    ['400 without If-Match', { operation: title }, first, answer(400, 'invalidValue'), undefined],
    ['400 to a deactivation', { operation: closing }, first, answer(400, 'invalidValue'), 'otherMethod', otherPut],
    ['500 to a deactivation', { operation: closing }, first, answer(500), 'otherMethod', otherPut],
    ['403 to a deactivation', { operation: closing }, first, answer(403), undefined],
    ['400 to a deactivation by PUT, the second method', { operation: closing }, otherPut, answer(400), undefined],
    [
      '400 to a deactivation by PUT, which the profile states',
      { operation: closing, putMethod: undefined, firstMethod: 'put' },
      { ...first, method: 'put' },
      answer(400, undefined, 'PUT'),
      'otherMethod',
      { ...first, isGuess: true },
    ],
    ['412, where the profile forbids If-Match', { ifMatch: 'never' }, first, answer(412), undefined],
    ['noTarget', {}, first, answer(400, 'noTarget'), 'currentBase', rebased],
    ['noTarget, with the current state', {}, rebased, answer(400, 'noTarget'), 'wholeAttributes', wholeAttributes],
    ['noTarget, with whole attributes', {}, wholeAttributes, answer(400, 'noTarget'), undefined],
    ['noTarget to a membership', { operation: members(['a']) }, first, answer(400, 'noTarget'), undefined],
    ['invalidPath', {}, first, answer(400, 'invalidPath'), 'wholeAttributes', wholeAttributes],
    [
      'invalidPath to a path without a filter',
      {},
      { ...first, valuePaths: false },
      answer(400, 'invalidPath'),
      'currentBase',
      wholeAttributes,
    ],
    ['400 without a reason', {}, first, answer(400), 'wholeAttributes', { ...wholeAttributes, isGuess: true }],
    [
      '400 invalidFilter',
      {},
      first,
      answer(400, 'invalidFilter'),
      'wholeAttributes',
      { ...wholeAttributes, isGuess: true },
    ],
    ['400 without a reason, for the second time', { failedBefore: true }, first, answer(400), undefined],
    ['400 without a reason, to a plain path', { operation: title }, first, answer(400), undefined],
    ['400 invalidValue', {}, first, answer(400, 'invalidValue'), undefined],
    ['403', {}, first, answer(403), undefined],
    ['404', {}, first, answer(404), undefined],
    ['409', {}, first, answer(409), undefined],
    ['413', {}, first, answer(413), undefined],
    ['500', {}, first, answer(500), undefined],
    ['200', {}, first, answer(200), undefined],
  ])('%s', (...row: Row) => {
    const [, facts, attempt, given, name, next] = row;
    const applied = firstApplicable(fallbacks, attempt, given, { ...usual, ...facts });
    expect(applied?.fallback.name).toBe(name);
    expect(applied?.attempt).toEqual(next);
  });

  test('is used only once', () => {
    const unused = fallbacks.filter(({ name }) => name !== 'freshVersion');
    expect(firstApplicable(unused, first, answer(412), usual)).toBeUndefined();
  });
});
