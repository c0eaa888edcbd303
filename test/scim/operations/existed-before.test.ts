import { expect, test } from '@jest/globals';
import type { Instant } from '../../../src/model/ids.ts';
import { existedBefore } from '../../../src/scim/operations/created-outcome.ts';

const sentAt = Date.parse('2026-03-01T12:00:00Z') as Instant;

test.each([
  ['created with the request', '2026-03-01T12:00:01Z', undefined, false],
  ['created a day before', '2026-02-28T12:00:00Z', undefined, true],
  ['without meta.created', undefined, undefined, false],
  ['a clock that is an hour behind, created with the request', '2026-03-01T11:00:01Z', '11:00:02', false],
  ['a clock that is an hour behind, created a day before', '2026-02-28T11:00:00Z', '11:00:02', true],
  ['a clock that is an hour ahead, created with the request', '2026-03-01T13:00:01Z', '13:00:02', false],
  ['a clock within the tolerance', '2026-03-01T11:56:00Z', undefined, false],
])('%s', (_, created, clock, expected) => {
  const headers = clock === undefined ? {} : { date: `Sun, 01 Mar 2026 ${clock} GMT` };
  const body = { id: '7', meta: created === undefined ? {} : { created } };
  expect(existedBefore({ body, headers }, { sentAt })).toBe(expected);
});
