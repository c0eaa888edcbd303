import type { Outcome } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from '../encode/urls.ts';
import type { WriteOperation } from '../../model/operation.ts';
import { errorDetail, isHtml, scimTypeOf } from './error-body.ts';
import { refusalNote } from './explain-refusal.ts';
import type { HttpResult, Response } from '../transport/message.ts';

/** The meaning of a result, which determines the next step. */
export type Decision =
  | 'accept'
  /** A 2xx that acknowledges nothing: 202 (accepted, not done yet; RFC 9110 section 15.3.3), or a web page. */
  | 'unproven'
  /** The resource already exists (409, or `uniqueness`). */
  | 'conflict'
  /** The resource does not exist (404, 410). */
  | 'notFound'
  /** The credentials are invalid or not sufficient (401, 403). */
  | 'denied'
  /** The version has changed (412), or If-Match is required (428). */
  | 'preconditionFailed'
  /** The target does not support the method (405, 501). */
  | 'unsupported'
  /** The request is too large (413). */
  | 'tooLarge'
  /** A PATCH path matches no value (RFC 7644 section 3.5.2). */
  | 'noTarget'
  /** 429: no request to this target until the pause ends. */
  | 'rateLimited'
  /** A temporary failure: no response, 408 or 5xx. */
  | 'retry'
  /** A permanent refusal: the same request would fail again. */
  | 'rejected'
  /** scimsync did not send the request. */
  | 'notAttempted';

/** Maps a result to a decision by its status (RFC 7644 section 3.12, table 8). */
export function decide(result: HttpResult): Decision {
  if (result.kind === 'notAttempted') return 'notAttempted';
  return result.kind === 'response' ? decideResponse(result) : 'retry';
}

/** Whether the target executed the request. */
export const isAccepted = (result: HttpResult): result is Response =>
  result.kind === 'response' && decideResponse(result) === 'accept';

function decideResponse(response: Response): Decision {
  const { status } = response;
  if (status < 300) return status === 202 || isHtml(response) ? 'unproven' : 'accept';
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

/**
 * Whether a refused create means that the account already exists. Some targets respond with 400 or even 429, and only
 * the error text shows the conflict.
 */
export function isConflict(
  response: Response,
  { conflictStatuses, conflictMessages }: Pick<Protocol, 'conflictStatuses' | 'conflictMessages'>,
): boolean {
  if (decide(response) === 'conflict') return true;
  if (!conflictStatuses.includes(response.status)) return false;
  const text = response.text.toLowerCase();
  return conflictMessages.length === 0 || conflictMessages.some((word) => text.includes(word.toLowerCase()));
}

/** The outcome of an operation, from the result of its last request. */
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
    case 'unproven':
      return { kind: 'unknown', status, detail: status === 202 ? pendingDetail : `sent, and answered ${detail}` };
    case 'notFound':
      return operation.action === 'create'
        ? { kind: 'rejected', status, detail }
        : { kind: 'notFound', status, detail };
    case 'denied':
      return { kind: 'rejected', status, detail: `${detail}${refusalNote(response, operation)}` };
    case 'retry':
      // A server that failed half-way may have created the account: it is looked up before POST is sent again.
      return operation.action === 'create'
        ? { kind: 'unknown', status, detail: `sent, and answered ${detail}` }
        : { kind: 'unavailable', status, detail };
    case 'rateLimited':
      return { kind: 'unavailable', status, detail };
    default: {
      const conflict = decision === 'conflict' ? ({ isConflict: true } as const) : {};
      return { kind: 'rejected', status, detail: `${detail}${refusalNote(response, operation)}`, ...conflict };
    }
  }
}

const pendingDetail = 'answered 202: the target accepted the request, but has not carried it out yet';

/** Status, scimType and error detail of a response, such as `409 (uniqueness): userName is taken`. */
export function errorSummary(response: Response): string {
  const type = scimTypeOf(response);
  const detail = errorDetail(response);
  const transport = response.transportStatus === undefined ? '' : `${response.transportStatus} with the error `;
  return `${transport}${response.status}${type === undefined ? '' : ` (${type})`}${detail === '' ? '' : `: ${detail}`}`;
}

/** A result as text: the error summary of a response, or the reason why there is no response. */
export function describeResult(result: HttpResult): string {
  return result.kind === 'response' ? errorSummary(result) : result.detail;
}

function remoteIdOf(response: Response) {
  const id = parseId(getIgnoringCase(response.body, 'id'));
  return id === undefined ? {} : { remoteId: id };
}

/** The version of a resource: ETag, or the equivalent `meta.version` (RFC 7643 section 3.1). */
export function versionOf({ headers, body }: Pick<Response, 'headers' | 'body'>): { readonly version?: string } {
  const version = headers['etag'] ?? getIgnoringCase(getIgnoringCase(body, 'meta'), 'version');
  return typeof version === 'string' && version !== '' ? { version } : {};
}
