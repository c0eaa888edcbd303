import { createHash } from 'node:crypto';
import type { Answer } from '../answer.ts';
import type { Habit } from '../application.ts';
import type { Asked } from '../request.ts';
import { textOf } from '../resource.ts';
import { amend, attributesOf, missing } from '../resources.ts';
import { badRequest } from '../scim-error.ts';
import { asksEverybody, asksList, withBody, withList, withQuery, without } from './answers.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** How a page of a list is made. */
export const lists: readonly Misbehaviour[] = [
  {
    number: 12,
    title: 'totalResults is the number of rows of the page',
    play: () => ({
      answer: (answer, asked) => withList(answer, asked, (body, rows) => ({ ...body, totalResults: rows.length })),
    }),
  },
  {
    number: 13,
    title: 'totalResults is a text, and missing from the second page on',
    play: () => ({
      answer: (answer, asked) =>
        withList(answer, asked, (body) =>
          isFirstPage(asked)
            ? { ...body, totalResults: JSON.stringify(body['totalResults'] ?? 0) }
            : without(body, 'totalResults'),
        ),
    }),
  },
  { number: 14, title: 'an empty page comes before totalResults is reached', play: () => ({ answer: emptyTooEarly }) },
  {
    number: 15,
    title: 'Resources of a list is a text; of a list of everybody also null or missing, in turn',
    play: brokenRows,
  },
  {
    number: 16,
    title: 'itemsPerPage is missing from lists of users, and 0 in those of groups',
    play: () => ({
      answer: (answer, asked) =>
        withList(answer, asked, (body) =>
          asked.kind === 'User' ? without(body, 'itemsPerPage') : { ...body, itemsPerPage: 0 },
        ),
    }),
  },
  {
    number: 17,
    title: 'startIndex is ignored: the same page again and again',
    play: () => ({ hear: (asked) => (asksList(asked) ? withQuery(asked, { startIndex: undefined }) : asked) }),
  },
  { number: 18, title: 'pages by cursor, without totalResults; the first cursor expires', play: expiringCursors },
  { number: 19, title: 'no pages at all: every list is whole', play: () => ({ rules: { listing: 'whole' } }) },
  {
    number: 20,
    title: 'a count above 500 is refused; without one, a page has 10 rows',
    play: () => ({ rules: { defaultPageSize: 10, maxPageSize: 500 }, judge: refuseLargePages }),
  },
  { number: 21, title: 'the order of a list changes from request to request', play: unstableOrder },
  { number: 22, title: 'deleted users stay in lists, inactive and under a made-up name', play: deletedStay },
  {
    number: 23,
    title: 'the envelope is in lower case: resources, operations',
    play: () => ({ answer: lowerCaseEnvelope }),
  },
  {
    number: 24,
    title: 'attributes and excludedAttributes are ignored',
    play: () => ({ hear: (asked) => withQuery(asked, { attributes: undefined, excludedAttributes: undefined }) }),
  },
];

const isFirstPage = ({ request: { query } }: Asked): boolean =>
  Number(query.get('startIndex') ?? '1') <= 1 && (query.get('cursor') ?? '') === '';

const emptyTooEarly: NonNullable<Habit['answer']> = (answer, asked) => {
  if (!asksEverybody(asked)) return answer;
  return withList(answer, asked, (body, rows) => {
    const kept = isFirstPage(asked) ? rows.slice(0, Math.floor(rows.length / 2)) : [];
    return { ...body, itemsPerPage: kept.length, Resources: kept };
  });
};

function brokenRows(): Habit {
  let turn = 0;
  return {
    answer(answer, asked) {
      return withList(answer, asked, (body) => {
        if (!asksEverybody(asked)) return { ...body, Resources: 'nope' };
        turn += 1;
        return turn % 3 === 1
          ? { ...body, Resources: 'nope' }
          : turn % 3 === 2
            ? { ...body, Resources: null }
            : without(body, 'Resources');
      });
    },
  };
}

function expiringCursors(): Habit {
  let hasExpired = false;
  return {
    rules: { listing: 'cursor' },
    judge({ request: { query } }) {
      if ((query.get('cursor') ?? '') === '' || hasExpired) return undefined;
      hasExpired = true;
      throw badRequest('expiredCursor', 'The cursor has expired: begin again.');
    },
    answer: (answer, asked) => withList(answer, asked, (body) => without(body, 'totalResults')),
  };
}

const refuseLargePages: NonNullable<Habit['judge']> = ({ request: { query } }) => {
  if (Number(query.get('count') ?? '0') > 500) throw badRequest('invalidValue', 'count must not be above 500.');
  return undefined;
};

/** Turned by one more row each time, so that two pages in a row share rows and miss others. */
function unstableOrder(): Habit {
  let turn = 0;
  return {
    arrange(resources) {
      if (resources.length < 2) return resources;
      const at = turn % resources.length;
      turn += 1;
      return [...resources.slice(at), ...resources.slice(0, at)];
    },
  };
}

function deletedStay(): Habit {
  const deleted = new Set<string>();
  return {
    judge({ kind, id }) {
      if (kind === 'User' && id !== undefined && deleted.has(id)) throw missing('User', id);
      return undefined;
    },
    end(kind, resource, app) {
      if (kind !== 'User') return false;
      const userName = createHash('sha256')
        .update(`${resource.id} ${textOf(resource['userName'])}`)
        .digest('hex')
        .slice(0, 20);
      amend(app, 'User', resource, {
        ...without(attributesOf(resource), 'externalId', 'emails', 'name', 'displayName', 'nickName'),
        userName,
        active: false,
      });
      deleted.add(resource.id);
      return true;
    },
  };
}

const lowerCaseEnvelope = (answer: Answer): Answer =>
  withBody(answer, (body) =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name === 'Resources' || name === 'Operations' ? name.toLowerCase() : name,
        value,
      ]),
    ),
  );
