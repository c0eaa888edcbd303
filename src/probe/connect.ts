import { parseListResponse } from '../scim/read/list-response.ts';
import type { Response } from '../scim/transport/message.ts';
import { decide, describeResult } from '../scim/judge/judge-response.ts';
import { isHtml } from '../scim/judge/error-body.ts';
import { finding } from './finding.ts';
import { ping } from './requests.ts';
import type { ProbeSession } from './session.ts';
import { NoResponseError, TargetUnusableError, unreachable } from './errors.ts';

/**
 * Checks that the URL is a SCIM endpoint and that the credentials are accepted, before the probe creates anything.
 *
 * @throws TargetUnusableError with the reason
 */
export async function requireScimEndpoint(session: ProbeSession): Promise<void> {
  const response = await pingTarget(session);
  const reason = endpointProblem(response);
  if (reason === undefined) return;
  // Some SCIM endpoints refuse startIndex and count; some refuse a listing without a filter.
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
        finding('listing', `a listing without a filter is refused: ${describeResult(response)}`, {
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
    if (error instanceof NoResponseError) throw unreachable(`no response: ${error.message}`);
    throw error;
  }
}

/** Why a response is not a SCIM ListResponse. @returns undefined if it is one */
export function endpointProblem(response: Response): string | undefined {
  if (isHtml(response))
    return `it answered ${response.status} with an HTML page; check that the URL is the SCIM endpoint`;
  switch (decide(response)) {
    case 'accept':
      return parseListResponse(response) === undefined
        ? `it answered ${response.status} to a listing of users, without a ListResponse (${excerpt(response.text)}); ` +
            'check that the directory or tenant in the URL exists'
        : undefined;
    case 'denied':
      return `it refuses the credentials: ${describeResult(response)}`;
    case 'notFound':
      return `there is no users endpoint: ${describeResult(response)}; check that the URL is the SCIM endpoint`;
    default:
      return `a listing of users fails: ${describeResult(response)}`;
  }
}

const excerpt = (text: string): string => (text === '' ? 'empty body' : text.replace(/\s+/g, ' ').slice(0, 60));
