import { errorBody, jsonResponse, type Response } from '../http/response.ts';
import type { FaultEffect, InjectedFault } from './faults.ts';
import { isComplex } from '../resources/resource.ts';

/** The response of a request, and whether the connection is closed instead of sending it. */
export interface FaultResult {
  readonly response?: Response;
  readonly isDropped: boolean;
}

/**
 * Applies a fault to a request.
 * @param handle executes the request
 */
export function applyFault(effect: InjectedFault['effect'], handle: (ignoreFilter: boolean) => Response): FaultResult {
  switch (effect?.do) {
    case undefined:
      return { response: handle(false), isDropped: false };
    case 'status':
      return { response: statusResponse(effect), isDropped: false };
    case 'html200':
      return {
        response: { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, text: signInPage },
        isDropped: false,
      };
    case 'dropBefore':
      return { isDropped: true };
    case 'dropAfter':
      return { response: handle(false), isDropped: true };
    case 'errorAfter':
      handle(false);
      return {
        response: jsonResponse(500, errorBody(500, 'An error after the request was executed (an injected fault).')),
        isDropped: false,
      };
    case 'ignoreFilter':
      return { response: handle(true), isDropped: false };
    case 'truncateList':
      return { response: truncateList(handle(false), effect.keep), isDropped: false };
  }
}

const signInPage = '<!doctype html><title>Sign in</title><h1>Please sign in</h1><p>Your session has ended.</p>\n';

function statusResponse({ status, headers = {}, body }: Extract<FaultEffect, { do: 'status' }>): Response {
  const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (typeof body === 'string')
    return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...ownHeaders }, text: body };
  if (isComplex(body)) return jsonResponse(status, body, ownHeaders);
  if (status >= 400 && body === undefined)
    return jsonResponse(status, errorBody(status, 'An injected fault.'), ownHeaders);
  return { status, headers: ownHeaders };
}

function truncateList(response: Response, keep: number | undefined): Response {
  const resources = response.body?.['Resources'];
  if (response.body === undefined || !Array.isArray(resources)) return response;
  const rows = resources.slice(0, keep ?? Math.floor(resources.length / 2));
  return { ...response, body: { ...response.body, itemsPerPage: rows.length, Resources: rows } };
}
