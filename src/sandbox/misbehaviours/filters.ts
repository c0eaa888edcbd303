import { errorAnswer, jsonAnswer } from '../answer.ts';
import type { Habit } from '../application.ts';
import { listResponse } from '../list.ts';
import { locate } from '../location.ts';
import type { Json } from '../../model/resource.ts';
import { coreUserSchema } from '../../model/path.ts';
import type { Asked } from '../request.ts';
import { isComplex, textOf, type Complex } from '../resource.ts';
import { badRequest, ScimError } from '../scim-error.ts';
import { asksEverybody, asksList, filterOf, withQuery } from './answers.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** How a filter is answered. */
export const filters: readonly Misbehaviour[] = [
  {
    number: 1,
    title: 'a filter of users is ignored: the first page of everybody',
    play: () => ({ hear: (asked) => (asked.kind === 'User' ? unfiltered(asked) : asked) }),
  },
  {
    number: 2,
    title: 'a filter of groups is ignored: the first page of all',
    play: () => ({ hear: (asked) => (asked.kind === 'Group' ? unfiltered(asked) : asked) }),
  },
  {
    number: 3,
    title: 'a filter with "and", or of an attribute that is unknown here, finds nobody',
    play: () => ({ judge: emptyWhereUnknown }),
  },
  {
    number: 4,
    title: 'the attribute of a filter is ignored: its value is looked for as userName or displayName',
    play: () => ({ hear: byNameAlways }),
  },
  {
    number: 5,
    title: 'only the exact spelling of a filter works: userName eq "x"',
    play: () => ({ judge: refuseOtherSpellings }),
  },
  { number: 6, title: '404 where a filter finds nobody', play: () => ({ answer: missingWhereEmpty }) },
  {
    number: 7,
    title: 'the first of a list is there twice, and e-mail addresses are plain texts',
    play: () => ({
      arrange: (resources) => resources.flatMap((resource, at) => (at === 0 ? [resource, resource] : [resource])),
      show: plainEmails,
    }),
  },
  {
    number: 8,
    title: 'userName is kept in lower case',
    play: () => ({
      store: (attributes, { kind }) =>
        kind === 'User' ? { ...attributes, userName: textOf(attributes['userName']).toLowerCase() } : attributes,
    }),
  },
  {
    number: 9,
    title: 'blanks around = in the query, and + for a blank, are refused',
    play: () => ({ judge: refuseBlanks }),
  },
  {
    number: 10,
    title: 'a list of all users shows one made-up account',
    play: () => ({
      judge: (asked) =>
        asked.kind === 'User' && asksEverybody(asked) ? jsonAnswer(200, listResponse([madeUp], 1, 1)) : undefined,
    }),
  },
  {
    number: 11,
    title: 'a filter with more than 200 comparisons or 1,000 characters is refused',
    play: () => ({ judge: refuseLong }),
  },
];

const unfiltered = (asked: Asked): Asked => (asksList(asked) ? withQuery(asked, { filter: undefined }) : asked);

const emptyWhereUnknown: NonNullable<Habit['judge']> = (asked, app) => {
  const filter = filterOf(asked);
  if (filter === undefined || asked.kind === undefined) return undefined;
  const name = /^\s*\(*\s*([^\s[]+)/.exec(filter)?.[1] ?? '';
  const isKnown = locate(app.types[asked.kind], name) !== undefined;
  return isKnown && !/ and /i.test(filter) ? undefined : jsonAnswer(200, listResponse([], 0, 1));
};

const byNameAlways: NonNullable<Habit['hear']> = (asked) => {
  const value = / eq (.*)$/i.exec(filterOf(asked) ?? '')?.[1];
  return value === undefined
    ? asked
    : withQuery(asked, { filter: `${asked.kind === 'Group' ? 'displayName' : 'userName'} eq ${value}` });
};

const refuseOtherSpellings: NonNullable<Habit['judge']> = (asked) => {
  const filter = filterOf(asked);
  if (filter !== undefined && !/^(userName|displayName|externalId|id) eq "(?:[^"\\]|\\.)*"$/.test(filter))
    throw badRequest('invalidFilter', 'The filter is not supported.');
  return undefined;
};

const missingWhereEmpty: NonNullable<Habit['answer']> = (answer, asked) => {
  const rows = answer.body?.['Resources'];
  return filterOf(asked) !== undefined && Array.isArray(rows) && rows.length === 0
    ? errorAnswer(new ScimError(404, 'Resource not found.'))
    : answer;
};

const plainEmails: NonNullable<Habit['show']> = (resource) => {
  const { emails } = resource;
  return Array.isArray(emails)
    ? {
        ...resource,
        emails: (emails as readonly Json[]).map((email) => (isComplex(email) ? (email['value'] ?? '') : email)),
      }
    : resource;
};

const refuseBlanks: NonNullable<Habit['judge']> = ({ request: { rawQuery } }) => {
  if (/(\s|%20|\+)=|=(\s|%20|\+)|\+/.test(rawQuery))
    throw badRequest(
      'invalidSyntax',
      'The query is not written as it should be: no blanks around =, and %20 for a blank.',
    );
  return undefined;
};

const madeUp: Complex = {
  schemas: [coreUserSchema],
  id: '1',
  userName: 'synthesis_user',
  active: false,
  meta: { resourceType: 'User' },
};

const refuseLong: NonNullable<Habit['judge']> = (asked) => {
  const filter = filterOf(asked) ?? '';
  const comparisons = filter.split(/ (?:and|or) /i).length;
  if (filter.length > 1000 || comparisons > 200)
    throw badRequest(
      'invalidFilter',
      `The filter is too long: ${filter.length} characters, ${comparisons} comparisons.`,
    );
  return undefined;
};
