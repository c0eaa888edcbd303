import { errorBody, jsonAnswer, type Answer } from './answer.ts';
import type { Effect, Mishap } from './faults.ts';
import { isComplex } from './resource.ts';

/** What becomes of a request: its answer, and whether the connection is closed instead of sending it. */
export interface Result {
  readonly answer?: Answer;
  readonly dropped: boolean;
}

/**
 * Carries out a mishap around the application's own work.
 * @param act does what was asked and gives the honest answer
 */
export function suffer(effect: Mishap['effect'], act: (ignoreFilter: boolean) => Answer): Result {
  switch (effect?.do) {
    case undefined:
      return { answer: act(false), dropped: false };
    case 'status':
      return { answer: statusAnswer(effect), dropped: false };
    case 'html200':
      return {
        answer: { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, text: signInPage },
        dropped: false,
      };
    case 'dropBefore':
      return { dropped: true };
    case 'dropAfter':
      return { answer: act(false), dropped: true };
    case 'errorAfter':
      act(false);
      return {
        answer: jsonAnswer(500, errorBody(500, 'Something went wrong after it was done (an injected fault).')),
        dropped: false,
      };
    case 'ignoreFilter':
      return { answer: act(true), dropped: false };
    case 'truncateList':
      return { answer: truncated(act(false), effect.keep), dropped: false };
  }
}

const signInPage = '<!doctype html><title>Sign in</title><h1>Please sign in</h1><p>Your session has ended.</p>\n';

function statusAnswer({ status, headers = {}, body }: Extract<Effect, { do: 'status' }>): Answer {
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (typeof body === 'string')
    return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...own }, text: body };
  if (isComplex(body)) return jsonAnswer(status, body, own);
  if (status >= 400 && body === undefined) return jsonAnswer(status, errorBody(status, 'An injected fault.'), own);
  return { status, headers: own };
}

function truncated(answer: Answer, keep: number | undefined): Answer {
  const resources = answer.body?.['Resources'];
  if (answer.body === undefined || !Array.isArray(resources)) return answer;
  const kept = resources.slice(0, keep ?? Math.floor(resources.length / 2));
  return { ...answer, body: { ...answer.body, itemsPerPage: kept.length, Resources: kept } };
}
