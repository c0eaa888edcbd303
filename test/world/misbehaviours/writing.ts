import { expect } from '@jest/globals';
import {
  allRequests,
  bodies,
  failureDetails,
  countRequests,
  expectAccess,
  expectInSync,
  passAt,
  expectOtherMembers,
  transferredName,
  writes,
  type Case,
} from './case.ts';

const withPut = { protocol: { update: 'put' } } as const;

/** Concurrent requests until the first response arrives. */
const maxConcurrent = 4;

/** PATCH, PUT and their responses. */
export const writing: readonly Case[] = [
  {
    number: 25,
    title: 'PATCH returns 405 or 501 although announced: PUT is used for the rest of the pass',
    verify: (history) => {
      expectInSync(history);
      // Two users and two groups show that PATCH does not exist; requests in flight meanwhile are PATCH, too.
      for (const { log } of history.passes)
        expect(countRequests(log, 'PATCH', /./)).toBeLessThanOrEqual(2 * (maxConcurrent + 1));
    },
  },
  {
    number: 26,
    title: 'an op in title case is ignored with 200: sent in lower case',
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toMatch(/"op":"[A-Z]/);
    },
  },
  {
    number: 27,
    title: '2xx without effect: detected by verification, reported, and not acknowledged',
    profileChanges: { protocol: { verifyWrites: 'always' } },
    verify: (history) => {
      expect(failureDetails(history, 2).length).toBeGreaterThan(0);
      // Every pass sends the update again, once.
      expect(writes(passAt(history, 3).log).length).toBeGreaterThan(0);
      expect(passAt(history, 3).log.length).toBeLessThan(40);
    },
  },
  { number: 28, title: '2xx without a body, or with {}', verify: expectInSync },
  { number: 29, title: 'operations without a path are refused: every operation has one', verify: expectInSync },
  {
    number: 30,
    title: 'value paths are refused: the attribute is replaced',
    verify: (history) => {
      expectInSync(history);
      expect(
        passAt(history, 6).users.filter(({ emails }) => JSON.stringify(emails ?? '').includes('p3@mail')),
      ).toHaveLength(1);
    },
  },
  {
    number: 31,
    title: 'members without type are ignored: type is sent',
    profileChanges: { protocol: { memberSubAttributes: ['type'] } },
    verify: expectInSync,
  },
  {
    number: 32,
    title: 'members must be an object: sent as one',
    isProfileBehaviour: true,
    profileChanges: { protocol: { addMembers: 'object' } },
    verify: expectInSync,
  },
  {
    number: 33,
    title: 'PUT without active reactivates: active is always sent',
    profileChanges: withPut,
    verify: (history) => {
      expectInSync(history);
      const puts = allRequests(history).filter(({ method, path }) => method === 'PUT' && path.startsWith('/Users/'));
      expect(puts.length).toBeGreaterThan(0);
      expect(puts.filter(({ body }) => typeof (body as { active?: unknown }).active !== 'boolean')).toEqual([]);
    },
  },
  {
    number: 34,
    title: 'PUT refuses elements with a type and no value: none is sent',
    profileChanges: withPut,
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toMatch(/\{"type":"[^"]*"\}|\{\}/);
    },
  },
  {
    number: 35,
    title: 'null is refused: never sent',
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toContain('null');
    },
  },
  {
    number: 36,
    title: 'booleans must be strings: sent as strings where the profile requires it',
    isProfileBehaviour: true,
    profileChanges: { protocol: { booleans: 'text' } },
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toMatch(/:(true|false)\b/);
    },
  },
  { number: 37, title: 'schemas must contain known URNs only', verify: expectInSync },
  {
    number: 38,
    title: 'responses with schemas null and unknown attributes, without meta and externalId',
    verify: expectInSync,
  },
  { number: 39, title: 'responses use other attribute names', verify: expectInSync },
  { number: 40, title: 'values are normalised: no repeated updates', verify: expectInSync },
  {
    number: 41,
    title: 'updates of names and e-mail addresses are ignored with 2xx: reported',
    profileChanges: { protocol: { verifyWrites: 'always' } },
    verify: (history) => {
      expect(failureDetails(history, 2).length).toBeGreaterThan(0);
      expect(passAt(history, 3).log.length).toBeLessThan(40);
    },
  },
  {
    number: 42,
    title: 'an unknown attribute returns 400 without a reason: the report names the attribute',
    settings: () => ({
      mapping: {
        user: { 'emails[type eq "work"].value': 'user.email', timezone: "'Europe/Berlin'" },
        group: { displayName: 'group.displayName' },
      },
    }),
    verify: (history) => {
      expectAccess(history, 0);
      expect(
        passAt(history, 0).operations.filter(({ detail }) => String(detail).includes('timezone')).length,
      ).toBeGreaterThan(0);
    },
  },
  {
    number: 43,
    title: 'a second primary e-mail address is refused: one is sent',
    profileChanges: { supports: { lists: { emails: { primary: true } } } },
    verify: expectInSync,
  },
  {
    number: 44,
    title: 'more than one value, or display, is refused: one value without display is sent',
    profileChanges: {
      supports: { lists: { emails: { maxItems: 1, primary: true, subAttributes: ['value', 'type', 'primary'] } } },
    },
    verify: expectInSync,
  },
  {
    number: 45,
    title: '500 for an unknown member: limited retries, and the other members are added',
    deletedOutOfBand: 'transferred',
    verify: (history) => {
      expectOtherMembers(history, 2, transferredName(history));
      expect(failureDetails(history, 2).join()).toContain('500');
      expect(passAt(history, 2).log.filter(({ status }) => status === 500).length).toBeLessThanOrEqual(20);
    },
  },
];
