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

/** Requests that are under way together when the first of them is answered. */
const maxConcurrent = 4;

/** PATCH, PUT and the answers to them. */
export const writing: readonly Case[] = [
  {
    number: 25,
    title: 'PATCH is answered 405 or 501 although it is announced: PUT, and not asked again for every request',
    verify: (history) => {
      expectInSync(history);
      for (const { log } of history.passes) expect(countRequests(log, 'PATCH', /./)).toBeLessThanOrEqual(maxConcurrent);
    },
  },
  {
    number: 26,
    title: 'an op that is not in lower case is ignored with 200: it is sent in lower case',
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toMatch(/"op":"[A-Z]/);
    },
  },
  {
    number: 27,
    title: 'success, and nothing was changed: it is read again, said, and not taken for acknowledged',
    profileChanges: { protocol: { verifyWrites: 'always' } },
    verify: (history) => {
      expect(failureDetails(history, 2).length).toBeGreaterThan(0);
      // Asked for again by every pass, once.
      expect(writes(passAt(history, 3).log).length).toBeGreaterThan(0);
      expect(passAt(history, 3).log.length).toBeLessThan(40);
    },
  },
  { number: 28, title: 'success without a body, or with {}', verify: expectInSync },
  { number: 29, title: 'PATCH without a path is refused: every operation has one', verify: expectInSync },
  {
    number: 30,
    title: 'paths into elements are not understood: the attribute is replaced',
    verify: (history) => {
      expectInSync(history);
      expect(
        passAt(history, 6).users.filter(({ emails }) => JSON.stringify(emails ?? '').includes('p3@mail')),
      ).toHaveLength(1);
    },
  },
  {
    number: 31,
    title: 'members without a type are not added: the type is sent',
    profileChanges: { protocol: { memberSubAttributes: ['type'] } },
    verify: expectInSync,
  },
  {
    number: 32,
    title: 'members must be an object: they are',
    isProfileBehaviour: true,
    profileChanges: { protocol: { addMembers: 'object' } },
    verify: expectInSync,
  },
  {
    number: 33,
    title: 'PUT without active opens an account: active is always said',
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
    title: 'PUT refuses objects that hold a type and no value: none is sent',
    profileChanges: withPut,
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toMatch(/\{"type":"[^"]*"\}|\{\}/);
    },
  },
  {
    number: 35,
    title: 'null is refused: it is never sent',
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toContain('null');
    },
  },
  {
    number: 36,
    title: 'truths must be texts: they are, where the profile says so, and are not anywhere else',
    isProfileBehaviour: true,
    profileChanges: { protocol: { booleans: 'text' } },
    verify: (history) => {
      expectInSync(history);
      expect(bodies(history).join()).not.toMatch(/:(true|false)\b/);
    },
  },
  { number: 37, title: 'schemas must be exactly those that are known', verify: expectInSync },
  {
    number: 38,
    title: 'answers with schemas null, without meta and externalId, with names that nobody knows',
    verify: expectInSync,
  },
  { number: 39, title: 'answers spell names their own way', verify: expectInSync },
  { number: 40, title: 'values are put into another form: no endless difference', verify: expectInSync },
  {
    number: 41,
    title: 'changes of a name or an e-mail address are accepted and ignored: it is said',
    profileChanges: { protocol: { verifyWrites: 'always' } },
    verify: (history) => {
      expect(failureDetails(history, 2).length).toBeGreaterThan(0);
      expect(passAt(history, 3).log.length).toBeLessThan(40);
    },
  },
  {
    number: 42,
    title: 'an attribute that it does not know gives a 400 without a reason: the report names the attribute',
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
    title: 'more than one primary e-mail address is refused: one is sent',
    profileChanges: { supports: { lists: { emails: { primary: true } } } },
    verify: expectInSync,
  },
  {
    number: 44,
    title: 'more than one value, or a display, is refused: one is sent, without',
    profileChanges: {
      supports: { lists: { emails: { maxItems: 1, primary: true, subAttributes: ['value', 'type', 'primary'] } } },
    },
    verify: expectInSync,
  },
  {
    number: 45,
    title: '500 for a member that it does not know: given up after some attempts, and the others get in',
    deletedOutOfBand: 'transferred',
    verify: (history) => {
      expectOtherMembers(history, 2, transferredName(history));
      expect(failureDetails(history, 2).join()).toContain('500');
      expect(passAt(history, 2).log.filter(({ status }) => status === 500).length).toBeLessThanOrEqual(20);
    },
  },
];
