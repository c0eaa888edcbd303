import { expect } from '@jest/globals';
import {
  allRequests,
  bodies,
  complaints,
  count,
  hasAccess,
  inStep,
  legAt,
  othersAreMembers,
  transferredName,
  writes,
  type Case,
} from './case.ts';

const withPut = { speaks: { update: 'put' } } as const;

/** Requests that are under way together when the first of them is answered. */
const atOnce = 4;

/** PATCH, PUT and the answers to them. */
export const writing: readonly Case[] = [
  {
    number: 25,
    title: 'PATCH is answered 405 or 501 although it is announced: PUT, and not asked again for every request',
    end: (voyage) => {
      inStep(voyage);
      for (const { log } of voyage.legs) expect(count(log, 'PATCH', /./)).toBeLessThanOrEqual(atOnce);
    },
  },
  {
    number: 26,
    title: 'an op that is not in lower case is ignored with 200: it is sent in lower case',
    end: (voyage) => {
      inStep(voyage);
      expect(bodies(voyage).join()).not.toMatch(/"op":"[A-Z]/);
    },
  },
  {
    number: 27,
    title: 'success, and nothing was changed: it is read again, said, and not taken for acknowledged',
    words: { speaks: { readBack: 'always' } },
    end: (voyage) => {
      expect(complaints(voyage, 2).length).toBeGreaterThan(0);
      // Asked for again by every pass, once.
      expect(writes(legAt(voyage, 3).log).length).toBeGreaterThan(0);
      expect(legAt(voyage, 3).log.length).toBeLessThan(40);
    },
  },
  { number: 28, title: 'success without a body, or with {}', end: inStep },
  { number: 29, title: 'PATCH without a path is refused: every operation has one', end: inStep },
  {
    number: 30,
    title: 'paths into elements are not understood: the attribute is replaced',
    end: (voyage) => {
      inStep(voyage);
      expect(
        legAt(voyage, 6).users.filter(({ emails }) => JSON.stringify(emails ?? '').includes('p3@mail')),
      ).toHaveLength(1);
    },
  },
  {
    number: 31,
    title: 'members without a type are not added: the type is sent',
    words: { speaks: { memberParts: ['type'] } },
    end: inStep,
  },
  {
    number: 32,
    title: 'members must be an object: they are',
    isWord: true,
    words: { speaks: { addMembers: 'object' } },
    end: inStep,
  },
  {
    number: 33,
    title: 'PUT without active opens an account: active is always said',
    words: withPut,
    end: (voyage) => {
      inStep(voyage);
      const puts = allRequests(voyage).filter(({ method, path }) => method === 'PUT' && path.startsWith('/Users/'));
      expect(puts.length).toBeGreaterThan(0);
      expect(puts.filter(({ body }) => typeof (body as { active?: unknown }).active !== 'boolean')).toEqual([]);
    },
  },
  {
    number: 34,
    title: 'PUT refuses objects that hold a type and no value: none is sent',
    words: withPut,
    end: (voyage) => {
      inStep(voyage);
      expect(bodies(voyage).join()).not.toMatch(/\{"type":"[^"]*"\}|\{\}/);
    },
  },
  {
    number: 35,
    title: 'null is refused: it is never sent',
    end: (voyage) => {
      inStep(voyage);
      expect(bodies(voyage).join()).not.toContain('null');
    },
  },
  {
    number: 36,
    title: 'truths must be texts: they are, where the profile says so, and are not anywhere else',
    isWord: true,
    words: { speaks: { booleans: 'text' } },
    end: (voyage) => {
      inStep(voyage);
      expect(bodies(voyage).join()).not.toMatch(/:(true|false)\b/);
    },
  },
  { number: 37, title: 'schemas must be exactly those that are known', end: inStep },
  {
    number: 38,
    title: 'answers with schemas null, without meta and externalId, with names that nobody knows',
    end: inStep,
  },
  { number: 39, title: 'answers spell names their own way', end: inStep },
  { number: 40, title: 'values are put into another form: no endless difference', end: inStep },
  {
    number: 41,
    title: 'changes of a name or an e-mail address are accepted and ignored: it is said',
    words: { speaks: { readBack: 'always' } },
    end: (voyage) => {
      expect(complaints(voyage, 2).length).toBeGreaterThan(0);
      expect(legAt(voyage, 3).log.length).toBeLessThan(40);
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
    end: (voyage) => {
      hasAccess(voyage, 0);
      expect(
        legAt(voyage, 0).operations.filter(({ detail }) => String(detail).includes('timezone')).length,
      ).toBeGreaterThan(0);
    },
  },
  {
    number: 43,
    title: 'more than one primary e-mail address is refused: one is sent',
    words: { holds: { lists: { emails: { primary: true } } } },
    end: inStep,
  },
  {
    number: 44,
    title: 'more than one value, or a display, is refused: one is sent, without',
    words: { holds: { lists: { emails: { most: 1, primary: true, parts: ['value', 'type', 'primary'] } } } },
    end: inStep,
  },
  {
    number: 45,
    title: '500 for a member that it does not know: given up after some attempts, and the others get in',
    forgotten: 'transferred',
    end: (voyage) => {
      othersAreMembers(voyage, 2, transferredName(voyage));
      expect(complaints(voyage, 2).join()).toContain('500');
      expect(legAt(voyage, 2).log.filter(({ status }) => status === 500).length).toBeLessThanOrEqual(20);
    },
  },
];
