import { expect, test } from '@jest/globals';
import { refusalNote, refusalReason, type RefusalReason } from '../../../src/scim/judge/explain-refusal.ts';
import { toResponse } from '../../../src/scim/transport/message.ts';

const answer = (status: number, detail: string) => toResponse(status, {}, JSON.stringify({ detail }));

test.each<[number, string, RefusalReason]>([
  [401, 'invalid token', 'credentialsRefused'],
  [401, '', 'credentialsRefused'],
  [403, 'the token lacks the scope users:write', 'notAllowed'],
  [403, '', 'notAllowed'],
  [403, 'cannot deactivate the last owner', 'businessRule'],
  [403, 'This is the only remaining administrator', 'businessRule'],
  [403, 'owner cannot be changed', 'other'],
  [403, 'no licenses available', 'businessRule'],
  [403, 'All seats are used', 'businessRule'],
  [400, 'seat limit reached', 'businessRule'],
  [409, 'the license quota is exceeded', 'businessRule'],
  [409, 'userName is taken', 'valueTaken'],
  [409, 'familyName is required', 'attributeMissing'],
  [409, 'missing required attribute: emails', 'attributeMissing'],
  [400, 'displayName must not be blank', 'attributeMissing'],
  [400, 'title is not in the list', 'other'],
  [500, '', 'other'],
])('%i %j: %s', (status, detail, expected) => {
  expect(refusalReason(answer(status, detail))).toBe(expected);
});

test.each<[number, string, string]>([
  [401, '', '; the target did not accept the credentials of this request'],
  [403, '', '; the credentials do not allow it to deactivate a user'],
  [403, 'the last owner', '; a rule of the application prevents it'],
  [400, 'no', ''],
])('the note to %i %j', (status, detail, expected) => {
  expect(refusalNote(answer(status, detail), { action: 'deactivate', resourceType: 'User' })).toBe(expected);
});
