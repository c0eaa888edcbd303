import type { Json } from '../../model/resource.ts';
import { errorResponse, type Response } from '../http/response.ts';
import type { InProcessSandbox } from '../options.ts';
import { isSameSecret } from '../http/admission.ts';
import { readBody } from '../http/body.ts';
import { misbehaviourProblem } from '../misbehaviours/catalogue.ts';
import { parseFaults } from '../faults/parse-faults.ts';
import { renderOverview } from './overview-page.ts';
import { isComplex } from '../resources/resource.ts';
import type { Seed } from '../resources/seed.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import type { ResourceStore } from '../resources/resource-store.ts';
import type { HttpRequest } from '../http/request.ts';

/** Data of the control endpoints. */
export interface ControlContext {
  readonly sandbox: InProcessSandbox;
  readonly store: ResourceStore;
  readonly title: string;
  readonly notice: string;
  /** The token that every request needs; undefined: none. */
  readonly token: string | undefined;
  /** Number of requests since the start, including those that the log no longer has. */
  readonly requestCount: () => number;
}

/** Whether the path is a control endpoint and not part of the SCIM application. */
export const isControlPath = (path: string): boolean => path === '/' || path.startsWith('/_sandbox/');

/**
 * The overview page and the control endpoints. They need no token, because the sandbox listens on this machine only,
 * unless it holds data that not all users of the machine may see. The token is then in Authorization or `?token=…`.
 *
 *     GET  /_sandbox/state      users, groups, faults, number of requests
 *     GET  /_sandbox/log        the request log; DELETE clears it
 *     POST /_sandbox/faults     an array that replaces the active faults
 *     POST /_sandbox/misbehaviours   an array of numbers that replaces the active misbehaviours
 *     POST /_sandbox/seed       {"users": […], "groups": […]}
 */
export function handleControl(context: ControlContext, request: HttpRequest): Response {
  try {
    requireLocalHost(request);
    if (context.token !== undefined) requireToken(context.token, request);
    return dispatch(context, request);
  } catch (error) {
    if (error instanceof ScimError) return errorResponse(error);
    throw error;
  }
}

function dispatch({ sandbox, store, title, notice, requestCount }: ControlContext, request: HttpRequest): Response {
  switch (`${request.method} ${request.path}`) {
    case 'GET /':
      return {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        text: renderOverview(title, notice, store, sandbox.log),
      };
    case 'GET /_sandbox/state':
      return plainJson({
        label: title,
        url: sandbox.url,
        requests: requestCount(),
        users: sandbox.users(),
        groups: sandbox.groups(),
        faults: sandbox.faults,
        misbehaviours: sandbox.misbehaviours,
      });
    case 'GET /_sandbox/log':
      return plainJson(sandbox.log);
    case 'DELETE /_sandbox/log':
      sandbox.clearLog();
      return { status: 204, headers: {} };
    case 'POST /_sandbox/faults':
      sandbox.faults = parseFaults(readJson(request));
      return { status: 204, headers: {} };
    case 'POST /_sandbox/misbehaviours':
      sandbox.misbehaviours = parseMisbehaviours(readJson(request));
      return { status: 204, headers: {} };
    case 'POST /_sandbox/seed':
      return plainJson(sandbox.seed(parseSeed(readJson(request))), 201);
    default:
      throw new ScimError(404, `There is no ${request.method} ${request.path}.`);
  }
}

/** Prevents DNS rebinding: a web page whose host name resolves to 127.0.0.1 must not control the sandbox. */
function requireLocalHost({ headers }: HttpRequest): void {
  const host = String(headers['host'] ?? '').replace(/:\d+$/, '');
  if (host !== '127.0.0.1' && host !== 'localhost')
    throw new ScimError(421, 'The Host header must be 127.0.0.1 or localhost.');
}

function requireToken(token: string, { headers, query }: HttpRequest): void {
  const sent = query.get('token') ?? String(headers['authorization'] ?? '').replace(/^bearer /i, '');
  if (!isSameSecret(sent, token)) throw new ScimError(401, 'The token is missing or wrong: add ?token=TOKEN.');
}

function readJson(http: HttpRequest): Json {
  try {
    return readBody({ http, body: JSON.parse(http.text) as Json });
  } catch (error) {
    if (error instanceof SyntaxError) return readBody({ http });
    throw error;
  }
}

function parseMisbehaviours(message: Json): readonly number[] {
  if (!Array.isArray(message))
    throw badRequest(
      'invalidSyntax',
      'Send misbehaviours as an array of numbers. An empty array removes all misbehaviours.',
    );
  const problem = message.map(misbehaviourProblem).find((text) => text !== undefined);
  if (problem !== undefined) throw badRequest('invalidValue', problem);
  return message as readonly number[];
}

function parseSeed(message: Json): Seed {
  const isList = (value: Json | undefined): boolean => value === undefined || Array.isArray(value);
  if (!isComplex(message) || !isList(message['users']) || !isList(message['groups'])) {
    throw badRequest('invalidSyntax', 'A seed is {"users": […], "groups": […]}.');
  }
  return message;
}

function plainJson(value: unknown, status = 200): Response {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, text: JSON.stringify(value) };
}
