import type { Outcome } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from '../encode/urls.ts';
import type { WriteOperation } from '../../model/operation.ts';
import { errorDetail, isHtml, scimTypeOf } from './error-body.ts';
import type { HttpResult, Response } from '../transport/message.ts';

/** An answer, named by what is to be decided about it. */
export type Decision =
  | 'accept'
  /** Already there (409, or `uniqueness`). */
  | 'conflict'
  /** Not there. */
  | 'notFound'
  /** 401, 403. */
  | 'denied'
  /** Another version is there, or a version must be named. */
  | 'preconditionFailed'
  /** The method is not known there. */
  | 'unsupported'
  | 'tooLarge'
  /** A PATCH path led nowhere (RFC 7644 section 3.5.2). */
  | 'noTarget'
  /** 429: not now, and nobody else either. */
  | 'rateLimited'
  /** Perhaps in a moment. */
  | 'retry'
  /** Asking again would not help. */
  | 'rejected'
  /** We chose not to ask. */
  | 'notAttempted';

/** @see RFC 7644 section 3.12, table 8 */
export function decide(result: HttpResult): Decision {
  if (result.kind === 'notAttempted') return 'notAttempted';
  return result.kind === 'response' ? decideResponse(result) : 'retry';
}

/** Whether the target carried out the request. */
export const isAccepted = (result: HttpResult): result is Response =>
  result.kind === 'response' && decideResponse(result) === 'accept';

function decideResponse(response: Response): Decision {
  const { status } = response;
  if (status < 300) return isHtml(response) ? 'rejected' : 'accept';
  switch (status) {
    case 401:
    case 403:
      return 'denied';
    case 404:
    case 410:
      return 'notFound';
    case 405:
    case 501:
      return 'unsupported';
    case 408:
      return 'retry';
    case 412:
    case 428:
      return 'preconditionFailed';
    case 413:
      return 'tooLarge';
    case 429:
      return 'rateLimited';
    default:
      return status >= 500 ? 'retry' : decideRefusal(response);
  }
}

function decideRefusal(response: Response): Decision {
  const type = scimTypeOf(response);
  if (type === 'notarget' || type === 'invalidpath') return 'noTarget';
  return response.status === 409 || type === 'uniqueness' ? 'conflict' : 'rejected';
}

/** Whether a refused create means that the account is already there: some say so by 400 or even 429, and in words only. */
export function isConflict(
  response: Response,
  { conflictStatuses, conflictMessages }: Pick<Protocol, 'conflictStatuses' | 'conflictMessages'>,
): boolean {
  if (decide(response) === 'conflict') return true;
  if (!conflictStatuses.includes(response.status)) return false;
  const text = response.text.toLowerCase();
  return conflictMessages.length === 0 || conflictMessages.some((word) => text.includes(word.toLowerCase()));
}

/** What the last answer to an operation means for it. */
export function toOutcome(operation: Pick<WriteOperation, 'action' | 'resourceType'>, result: HttpResult): Outcome {
  const decision = decide(result);
  switch (result.kind) {
    case 'notAttempted':
      return result.reason === 'stopped'
        ? { kind: 'skipped', detail: result.detail }
        : { kind: 'unavailable', detail: result.detail };
    case 'notSent':
      return { kind: 'unavailable', detail: result.detail };
    case 'noResponse':
      return { kind: 'unknown', detail: `sent, and no answer came: ${result.detail}` };
    case 'response':
      return outcomeOfResponse(operation, decision, result);
  }
}

function outcomeOfResponse(
  operation: Pick<WriteOperation, 'action' | 'resourceType'>,
  decision: Decision,
  response: Response,
): Outcome {
  const { status } = response;
  if (decision === 'accept') return { kind: 'done', status, ...remoteIdOf(response), ...versionOf(response) };
  const detail = errorSummary(response);
  switch (decision) {
    case 'notFound':
      if (operation.action === 'delete') return { kind: 'done', status };
      return operation.action === 'create'
        ? { kind: 'rejected', status, detail }
        : { kind: 'notFound', status, detail };
    case 'denied':
      return {
        kind: 'rejected',
        status,
        detail: `${detail}; the credentials do not allow it to ${actionVerbs[operation.action]} a ${operation.resourceType.toLowerCase()}`,
      };
    case 'retry':
      // A server that failed half-way may have made the account: it is looked up before it is made again.
      return operation.action === 'create'
        ? { kind: 'unknown', detail: `sent, and answered ${detail}` }
        : { kind: 'unavailable', status, detail };
    case 'rateLimited':
      return { kind: 'unavailable', status, detail };
    default:
      return { kind: 'rejected', status, detail };
  }
}

const actionVerbs: Readonly<Record<WriteOperation['action'], string>> = {
  create: 'create',
  update: 'change',
  deactivate: 'deactivate',
  reactivate: 'reactivate',
  delete: 'delete',
  members: 'change the members of',
};

/** "409 (uniqueness): userName is taken": status, SCIM's word for it, and the server's own words. */
export function errorSummary(response: Response): string {
  const type = scimTypeOf(response);
  const detail = errorDetail(response);
  return `${response.status}${type === undefined ? '' : ` (${type})`}${detail === '' ? '' : `: ${detail}`}`;
}

/** What an answer says in words, whatever it is. */
export function describeResult(result: HttpResult): string {
  return result.kind === 'response' ? errorSummary(result) : result.detail;
}

function remoteIdOf(response: Response) {
  const id = parseId(getIgnoringCase(response.body, 'id'));
  return id === undefined ? {} : { remoteId: id };
}

/** ETag, or `meta.version`, which is the same (RFC 7643 section 3.1). */
export function versionOf({ headers, body }: Pick<Response, 'headers' | 'body'>): { readonly version?: string } {
  const version = headers['etag'] ?? getIgnoringCase(getIgnoringCase(body, 'meta'), 'version');
  return typeof version === 'string' && version !== '' ? { version } : {};
}
