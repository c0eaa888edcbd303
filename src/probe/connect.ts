import { parseListResponse } from '../scim/read/list-response.ts';
import type { Response } from '../scim/transport/message.ts';
import { decide, describeResult } from '../scim/judge/judge-response.ts';
import { isHtml } from '../scim/judge/error-body.ts';
import { finding } from './finding.ts';
import { ping, type ProbeSession } from './session.ts';
import { NoResponseError, TargetUnusableError, unreachable } from './errors.ts';

/**
 * Is this a SCIM endpoint at all, and are we welcome? Nothing is made before that is known.
 *
 * @throws TargetUnusableError with the sentence that says why not
 */
export async function requireScimEndpoint(session: ProbeSession): Promise<void> {
  const response = await pingTarget(session);
  const reason = endpointProblem(response);
  if (reason === undefined) return;
  // Some know neither startIndex nor count; some list nobody without a filter, and are SCIM all the same.
  if (decide(response) === 'rejected' || decide(response) === 'unsupported') {
    for (const query of [{}, { cursor: '', count: '1' }]) {
      const listed = await session.send({ method: 'GET', path: session.path('User'), query });
      if (decide(listed) === 'accept' && parseListResponse(listed) !== undefined) return;
    }
    const searched = await session.send({
      method: 'GET',
      path: session.path('User'),
      query: { filter: `userName eq ${JSON.stringify(session.names.unusedName)}` },
    });
    if (decide(searched) === 'accept' && parseListResponse(searched) !== undefined) {
      session.findings.add(
        finding('listing', `nobody is listed without a filter: ${describeResult(response)}`, {
          protocol: { listing: 'unreliable' },
        }),
      );
      return;
    }
  }
  throw new TargetUnusableError('probe.notScim', reason);
}

async function pingTarget(session: ProbeSession): Promise<Response> {
  try {
    return await session.send(ping(session.path('User')));
  } catch (error) {
    if (error instanceof NoResponseError) throw unreachable(`it does not answer: ${error.message}`);
    throw error;
  }
}

/** @returns undefined where the answer is a list of SCIM */
export function endpointProblem(response: Response): string | undefined {
  if (isHtml(response)) return `it answered ${response.status} with a web page; is the URL that of the SCIM endpoint?`;
  switch (decide(response)) {
    case 'accept':
      return parseListResponse(response) === undefined
        ? `it answered ${response.status} to a listing of users, but not with a list (${excerpt(response.text)}); is the URL that of an existing directory or tenant?`
        : undefined;
    case 'denied':
      return `it refuses the credentials: ${describeResult(response)}`;
    case 'notFound':
      return `there is no list of users: ${describeResult(response)}; is the URL that of the SCIM endpoint?`;
    default:
      return `it does not list users: ${describeResult(response)}`;
  }
}

const excerpt = (text: string): string => (text === '' ? 'an empty answer' : text.replace(/\s+/g, ' ').slice(0, 60));
