import { readList } from '../scim/list-response.ts';
import type { Reply } from '../scim/message.ts';
import { decide, explain } from '../scim/response.ts';
import { isWebPage } from '../scim/complaint.ts';
import { finding } from './finding.ts';
import { doorbell, type Ground } from './ground.ts';
import { Lost, TargetGone } from './trouble.ts';

/**
 * Is this a SCIM endpoint at all, and are we welcome? Nothing is made before that is known.
 *
 * @throws TargetGone with the sentence that says why not
 */
export async function arrive(ground: Ground): Promise<void> {
  const reply = await firstAnswer(ground);
  const why = whyNot(reply);
  if (why === undefined) return;
  // Some know neither startIndex nor count; some list nobody without a filter, and are SCIM all the same.
  if (decide(reply) === 'refuse' || decide(reply) === 'unsupported') {
    for (const query of [{}, { cursor: '', count: '1' }]) {
      const listed = await ground.ask({ method: 'GET', path: ground.path('User'), query });
      if (decide(listed) === 'accept' && readList(listed) !== undefined) return;
    }
    const searched = await ground.ask({
      method: 'GET',
      path: ground.path('User'),
      query: { filter: `userName eq ${JSON.stringify(ground.names.nobody)}` },
    });
    if (decide(searched) === 'accept' && readList(searched) !== undefined) {
      ground.book.note(
        finding('listing', `nobody is listed without a filter: ${explain(reply)}`, { speaks: { listing: 'none' } }),
      );
      return;
    }
  }
  throw new TargetGone(why);
}

async function firstAnswer(ground: Ground): Promise<Reply> {
  try {
    return await ground.ask(doorbell(ground.path('User')));
  } catch (error) {
    if (error instanceof Lost) throw new TargetGone(`it does not answer: ${error.message}`);
    throw error;
  }
}

/** @returns undefined where the answer is a list of SCIM */
export function whyNot(reply: Reply): string | undefined {
  if (isWebPage(reply)) return `it answered ${reply.status} with a web page; is the URL that of the SCIM endpoint?`;
  switch (decide(reply)) {
    case 'accept':
      return readList(reply) === undefined
        ? `it answered ${reply.status} to a listing of users, but not with a list (${shortOf(reply.text)}); is the URL that of an existing directory or tenant?`
        : undefined;
    case 'denied':
      return `it refuses the credentials: ${explain(reply)}`;
    case 'missing':
      return `there is no list of users: ${explain(reply)}; is the URL that of the SCIM endpoint?`;
    default:
      return `it does not list users: ${explain(reply)}`;
  }
}

const shortOf = (text: string): string => (text === '' ? 'an empty answer' : text.replace(/\s+/g, ' ').slice(0, 60));
