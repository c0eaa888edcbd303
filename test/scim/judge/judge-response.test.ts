import { describe, expect, test } from '@jest/globals';
import { errorDetail, scimTypeOf } from '../../../src/scim/judge/error-body.ts';
import { toResponse, type HttpResult } from '../../../src/scim/transport/message.ts';
import { decide, isConflict, toOutcome, versionOf } from '../../../src/scim/judge/judge-response.ts';

const reply = (status: number, text = '', headers: Record<string, string> = {}) => toResponse(status, headers, text);
const scim = (status: number, scimType: string) => reply(status, JSON.stringify({ scimType, detail: 'no' }));

describe('decide', () => {
  test.each<[HttpResult, ReturnType<typeof decide>]>([
    [reply(200, '{"id":"1"}'), 'accept'],
    [reply(204), 'accept'],
    [reply(202, '{}'), 'unproven'],
    [reply(200, 'OK', { 'content-type': 'text/plain' }), 'accept'],
    [reply(200, '{"id":"1"}', { 'content-type': 'text/html' }), 'accept'],
    [reply(200, '<!DOCTYPE html><title>Log in</title>'), 'unproven'],
    [reply(200, 'Please log in', { 'content-type': 'text/html; charset=utf-8' }), 'unproven'],
    // A gateway that answers everything with 200: the error in the body counts.
    [reply(200, '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409"}'), 'conflict'],
    [reply(200, '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"no"}'), 'rejected'],
    [reply(200, '{"status":404,"detail":"no such user"}'), 'notFound'],
    [reply(200, '{"id":"1","status":"500","detail":"an attribute"}'), 'accept'],
    [reply(200, '{"status":"active","detail":"an attribute"}'), 'accept'],
    [reply(302, '', { location: 'https://login.example/' }), 'rejected'],
    [reply(400), 'rejected'],
    [scim(400, 'uniqueness'), 'conflict'],
    [scim(400, 'noTarget'), 'noTarget'],
    [scim(400, 'invalidPath'), 'noTarget'],
    [scim(400, 'invalidValue'), 'rejected'],
    [reply(401), 'denied'],
    [reply(403), 'denied'],
    [reply(404), 'notFound'],
    [reply(405), 'unsupported'],
    [reply(408), 'retry'],
    [reply(409), 'conflict'],
    [reply(410), 'notFound'],
    [reply(412), 'preconditionFailed'],
    [reply(413, '<html>too big</html>'), 'tooLarge'],
    [reply(428), 'preconditionFailed'],
    [reply(429), 'rateLimited'],
    [reply(500), 'retry'],
    [reply(501), 'unsupported'],
    [reply(503, '<html>'), 'retry'],
    [{ kind: 'notSent', detail: 'refused' }, 'retry'],
    [{ kind: 'noResponse', detail: 'reset' }, 'retry'],
    [{ kind: 'notAttempted', reason: 'stopped', detail: 'stopped' }, 'notAttempted'],
  ])('%j: %s', (answer, expected) => {
    expect(decide(answer)).toBe(expected);
  });
});

describe('toOutcome', () => {
  const on = { resourceType: 'User' } as const;
  test.each<[Parameters<typeof toOutcome>[0], HttpResult, object]>([
    [
      { ...on, action: 'create' },
      reply(201, '{"id":"7"}', { etag: 'W/"1"' }),
      { kind: 'done', status: 201, remoteId: '7', version: 'W/"1"' },
    ],
    [{ ...on, action: 'create' }, reply(201, '{"id":7}'), { kind: 'done', status: 201, remoteId: '7' }],
    [{ ...on, action: 'update' }, reply(204), { kind: 'done', status: 204 }],
    [{ ...on, action: 'delete' }, reply(404), { kind: 'notFound', status: 404, detail: '404' }],
    [{ ...on, action: 'delete' }, reply(410), { kind: 'notFound', status: 410, detail: '410' }],
    [
      { ...on, action: 'update' },
      reply(404, '{"detail":"not here"}'),
      { kind: 'notFound', status: 404, detail: '404: not here' },
    ],
    [{ ...on, action: 'deactivate' }, reply(404), { kind: 'notFound', status: 404, detail: '404' }],
    [{ ...on, action: 'create' }, reply(404), { kind: 'rejected', status: 404, detail: '404' }],
    [
      { ...on, action: 'update' },
      reply(409, '{"detail":"taken"}'),
      { kind: 'rejected', status: 409, detail: '409: taken', isConflict: true },
    ],
    [
      { ...on, action: 'delete' },
      reply(403),
      { kind: 'rejected', status: 403, detail: '403; the credentials do not allow it to delete a user' },
    ],
    [{ ...on, action: 'update' }, reply(503), { kind: 'unavailable', status: 503, detail: '503' }],
    [{ ...on, action: 'create' }, reply(503), { kind: 'unknown', status: 503, detail: 'sent, and answered 503' }],
    [
      { ...on, action: 'create' },
      { kind: 'notSent', detail: 'refused' },
      { kind: 'unavailable', detail: 'refused' },
    ],
    [
      { ...on, action: 'update' },
      { kind: 'noResponse', detail: 'reset' },
      { kind: 'unknown', detail: 'sent, and no answer came: reset' },
    ],
    [
      { ...on, action: 'update' },
      { kind: 'notAttempted', reason: 'stopped', detail: 'stop' },
      { kind: 'skipped', detail: 'stop' },
    ],
    [
      { ...on, action: 'update' },
      { kind: 'notAttempted', reason: 'unavailable', detail: 'down' },
      { kind: 'unavailable', detail: 'down' },
    ],
    [
      { ...on, action: 'update' },
      reply(302, '', { location: 'https://other.example/x?token=1' }),
      {
        kind: 'rejected',
        status: 302,
        detail: '302: redirects to other.example; redirects are not followed: correct the URL',
      },
    ],
  ])('%j, %j', (operation, answer, expected) => {
    expect(toOutcome(operation, answer)).toEqual(expected);
  });
});

test.each<[number, string, number[], boolean, string[]?]>([
  [409, '', [409], true],
  [400, '{"scimType":"uniqueness"}', [409], true],
  [400, '{}', [409], false],
  [400, '{}', [409, 400], true],
  [429, '{"detail":"already exists"}', [409, 429], true],
  [429, '', [409], false],
  [429, '{"detail":"User Already Exists"}', [409, 429], true, ['already exists']],
  [429, '{"detail":"slow down"}', [409, 429], false, ['already exists']],
  [409, '', [409], true, ['already exists']],
])(
  'a create with the response %i %s is a conflict with the duplicate codes %j: %p',
  (status, text, conflictStatuses, expected, conflictMessages = []) => {
    expect(isConflict(reply(status, text), { conflictStatuses, conflictMessages })).toBe(expected);
  },
);

test.each([
  ['{"schemas":[],"detail":"userName is taken","scimType":"uniqueness"}', 'userName is taken', 'uniqueness'],
  ['{"Errors":[{"description":"Wrong tenant","code":"400"}]}', 'Wrong tenant', undefined],
  ['{"errors":[{"detail":"one","scimType":"noTarget"}]}', 'one', 'notarget'],
  ['{"error":{"message":"broken"}}', 'broken', undefined],
  ['{"error":"invalid_client","error_description":"who are you?"}', 'who are you?', undefined],
  ['{"DETAIL":"loud"}', 'loud', undefined],
  ['{"detail":null,"title":"Bad"}', 'Bad', undefined],
  ['plain\n  words', 'plain words', undefined],
  ['', '', undefined],
  [`{"detail":"${'x'.repeat(400)}"}`, `${'x'.repeat(300)}…`, undefined],
])('the error detail in %s', (text, detail, type) => {
  expect(errorDetail(reply(400, text))).toBe(detail);
  expect(scimTypeOf(reply(400, text))).toBe(type);
});

test.each([
  ['{"meta":{"version":"W/\\"3\\""}}', {}, { version: 'W/"3"' }],
  ['{"meta":{"version":"W/\\"3\\""}}', { etag: 'W/"4"' }, { version: 'W/"4"' }],
  ['{"meta":null}', {}, {}],
  ['', {}, {}],
])('the version in %s with %j', (text, headers, expected) => {
  expect(versionOf(toResponse(200, headers as Record<string, string>, text))).toEqual(expected);
});

test.each([
  ['\uFEFF{"a":1}', { a: 1 }],
  ['  [1]', [1]],
  ['"text"', undefined],
  ['{broken', undefined],
])('the body of %j', (text, expected) => {
  expect(toResponse(200, {}, text).body).toEqual(expected);
});
