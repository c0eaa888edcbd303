import { expect } from '@jest/globals';
import { allRequests, complaints, count, inStep, isSilent, known, legAt, settles, type Case } from './case.ts';
import { undone } from '../life.ts';

/** Transport, credentials, limits, discovery. */
export const transport: readonly Case[] = [
  {
    number: 72,
    title: '200 {} to everything: no success, and nobody counts as made',
    end: (voyage) => {
      for (const stage of [0, 1])
        expect(
          legAt(voyage, stage).operations.filter(({ outcome }) => outcome === 'done' || outcome === 'adopted'),
        ).toEqual([]);
      expect(legAt(voyage, 1).summary).toMatchObject({ succeeded: 0 });
    },
  },
  {
    number: 73,
    title: '401 for one resource: the others are served',
    forgotten: 'mover',
    end: (voyage) => {
      const { cast } = voyage.life;
      expect([
        ...new Set(
          undone(legAt(voyage, 2))
            .filter(({ resource }) => resource === 'User')
            .map(({ key }) => key),
        ),
      ]).toEqual([cast.mover]);
      expect(legAt(voyage, 2).operations.filter(({ outcome }) => outcome === 'done').length).toBeGreaterThan(4);
    },
  },
  {
    number: 74,
    title: '403 because the token may not do one thing: it is said which',
    end: (voyage) =>
      expect(complaints(voyage, 2).concat(complaints(voyage, 4)).join()).toMatch(
        /do not allow it to (create|change|deactivate|reactivate|delete|change the members of) a (user|group)/,
      ),
  },
  { number: 75, title: '429 with seconds, a date, or nothing: waited for', end: inStep },
  { number: 76, title: 'limits that depend on how large a request is: waited for', end: inStep },
  {
    number: 77,
    title: '413, 502 and pages for people: no success, and nobody else is kept waiting',
    settings: () => ({
      mapping: {
        user: { 'emails[type eq "work"].value': 'user.email', title: "user.id == 'e00004' ? '<b>' : user.title" },
        group: { displayName: 'group.displayName' },
      },
    }),
    end: (voyage) => {
      expect(legAt(voyage, 0).log.filter(({ status }) => status === 502).length).toBeGreaterThan(0);
      expect(
        undone(legAt(voyage, 0))
          .filter(({ resource, outcome }) => resource === 'User' && outcome === 'failed')
          .map(({ key }) => key),
      ).toEqual(['e00004']);
    },
  },
  {
    number: 78,
    title: 'a missing User-Agent, other letters in a path, a doubled Bearer are refused: none is sent',
    end: inStep,
  },
  {
    number: 79,
    title: 'ServiceProviderConfig is missing or makes no sense: the profile decides',
    end: (voyage) => {
      inStep(voyage);
      expect(count(allRequests(voyage), 'PATCH', /./)).toBeGreaterThan(0);
    },
  },
  { number: 80, title: 'any Content-Type: the content is read', seed: { users: [known(4)] }, end: inStep },
  {
    number: 81,
    title: 'errors in an envelope of their own: their words are found',
    beside: [42],
    settings: () => ({
      mapping: {
        user: { 'emails[type eq "work"].value': 'user.email', timezone: "'Europe/Berlin'" },
        group: { displayName: 'group.displayName' },
      },
    }),
    end: (voyage) => expect(complaints(voyage, 0).join()).toContain('Errors reported by remote server'),
  },
  {
    number: 83,
    title: 'addresses of another host in answers: never followed',
    end: (voyage) => {
      inStep(voyage);
      expect(
        allRequests(voyage).filter(({ path }) => !/^\/(Users|Groups|ServiceProviderConfig)(\/[^/]+)?$/.test(path)),
      ).toEqual([]);
    },
  },
  {
    number: 84,
    title: 'what was written is visible later: nobody is made twice',
    end: (voyage) => {
      settles(voyage);
      const names = legAt(voyage, 6).users.map(({ userName }) => userName);
      expect(new Set(names).size).toBe(names.length);
    },
  },
  {
    number: 85,
    title: 'discovery claims what is not there: the profile decides',
    words: { speaks: { bulk: 'never' } },
    end: (voyage) => {
      inStep(voyage);
      isSilent(voyage, [1, 3]);
    },
  },
];
