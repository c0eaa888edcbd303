import type { Json } from '../model/resource.ts';
import { errorAnswer, type Answer } from './answer.ts';
import type { Sandbox } from './contract.ts';
import { readBody } from './body.ts';
import { misbehaviourProblem } from './misbehaviours/catalogue.ts';
import { readFaults } from './fault-message.ts';
import { page } from './page.ts';
import { isComplex } from './resource.ts';
import type { Seed } from './seed.ts';
import { badRequest, ScimError } from './scim-error.ts';
import type { Contents } from './contents.ts';
import type { Request } from './request.ts';

/** What the control pages are made of. */
export interface Controlled {
  readonly sandbox: Sandbox;
  readonly contents: Contents;
  readonly title: string;
  readonly notice: string;
  /** Requests since the start, the forgotten ones too. */
  readonly requests: () => number;
}

/** Whether the path belongs to the people who rehearse and not to the application. */
export const isControl = (path: string): boolean => path === '/' || path.startsWith('/_sandbox/');

/**
 * The page at / and the steering below /_sandbox/, without a token: a rehearsal listens on this machine only.
 *
 *     GET  /_sandbox/state      users, groups, faults, number of requests
 *     GET  /_sandbox/log        the requests; DELETE clears them
 *     POST /_sandbox/faults     an array that takes the place of the faults in force
 *     POST /_sandbox/misbehaviours   numbers of the catalogue, which take the place of those in force
 *     POST /_sandbox/seed       {"users": […], "groups": […]}
 */
export function control(controlled: Controlled, request: Request): Answer {
  try {
    refuseStrangers(request);
    return dispatch(controlled, request);
  } catch (error) {
    if (error instanceof ScimError) return errorAnswer(error);
    throw error;
  }
}

function dispatch({ sandbox, contents, title, notice, requests }: Controlled, request: Request): Answer {
  switch (`${request.method} ${request.path}`) {
    case 'GET /':
      return {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        text: page(title, notice, contents, sandbox.log),
      };
    case 'GET /_sandbox/state':
      return plainJson({
        label: title,
        url: sandbox.url,
        requests: requests(),
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
      sandbox.faults = readFaults(readMessage(request));
      return { status: 204, headers: {} };
    case 'POST /_sandbox/misbehaviours':
      sandbox.misbehaviours = readNumbers(readMessage(request));
      return { status: 204, headers: {} };
    case 'POST /_sandbox/seed':
      return plainJson(sandbox.seed(readSeed(readMessage(request))), 201);
    default:
      throw new ScimError(404, `There is no ${request.method} ${request.path}.`);
  }
}

/** A page of the web that was pointed to this address by its own name must not read or steer a rehearsal. */
function refuseStrangers({ headers }: Request): void {
  const host = String(headers['host'] ?? '').replace(/:\d+$/, '');
  if (host !== '127.0.0.1' && host !== 'localhost')
    throw new ScimError(421, 'The rehearsal answers as 127.0.0.1 and localhost only.');
}

function readMessage(request: Request): Json {
  try {
    return readBody({ request, message: JSON.parse(request.text) as Json });
  } catch (error) {
    if (error instanceof SyntaxError) return readBody({ request });
    throw error;
  }
}

function readNumbers(message: Json): readonly number[] {
  if (!Array.isArray(message))
    throw badRequest(
      'invalidSyntax',
      'Misbehaviours are sent as an array of their numbers; an empty one ends all of them.',
    );
  const problem = message.map(misbehaviourProblem).find((found) => found !== undefined);
  if (problem !== undefined) throw badRequest('invalidValue', problem);
  return message as readonly number[];
}

function readSeed(message: Json): Seed {
  const isList = (value: Json | undefined): boolean => value === undefined || Array.isArray(value);
  if (!isComplex(message) || !isList(message['users']) || !isList(message['groups'])) {
    throw badRequest('invalidSyntax', 'A seed is {"users": […], "groups": […]}.');
  }
  return message;
}

function plainJson(value: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, text: JSON.stringify(value) };
}
