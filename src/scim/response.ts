import type { Outcome } from '../model/outcome.ts';
import type { Speaks } from '../model/profile.ts';
import { member } from '../model/shape.ts';
import { asRemoteId } from './address.ts';
import type { Sayable } from './addressed.ts';
import { complaintOf, isWebPage, scimTypeOf } from './complaint.ts';
import type { Answer, Reply } from './message.ts';

/** An answer, named by what is to be decided about it. */
export type Decision =
  | 'accept'
  /** Already there (409, or `uniqueness`). */
  | 'conflict'
  /** Not there. */
  | 'missing'
  /** 401, 403. */
  | 'denied'
  /** Another version is there, or a version must be named. */
  | 'stale'
  /** The method is not known there. */
  | 'unsupported'
  | 'tooLarge'
  /** A PATCH path led nowhere (RFC 7644 section 3.5.2). */
  | 'noTarget'
  /** 429: not now, and nobody else either. */
  | 'wait'
  /** Perhaps in a moment. */
  | 'again'
  /** Asking again would not help. */
  | 'refuse'
  /** We chose not to ask. */
  | 'withheld';

/** @see RFC 7644 section 3.12, table 8 */
export function decide(answer: Answer): Decision {
  if (answer.kind === 'withheld') return 'withheld';
  return answer.kind === 'reply' ? decideReply(answer) : 'again';
}

function decideReply(reply: Reply): Decision {
  const { status } = reply;
  if (status < 300) return isWebPage(reply) ? 'refuse' : 'accept';
  switch (status) {
    case 401:
    case 403:
      return 'denied';
    case 404:
    case 410:
      return 'missing';
    case 405:
    case 501:
      return 'unsupported';
    case 408:
      return 'again';
    case 412:
    case 428:
      return 'stale';
    case 413:
      return 'tooLarge';
    case 429:
      return 'wait';
    default:
      return status >= 500 ? 'again' : decideRefusal(reply);
  }
}

function decideRefusal(reply: Reply): Decision {
  const type = scimTypeOf(reply);
  if (type === 'notarget' || type === 'invalidpath') return 'noTarget';
  return reply.status === 409 || type === 'uniqueness' ? 'conflict' : 'refuse';
}

/** Whether a refused create means that the account is already there: some say so by 400 or even 429, and in words only. */
export function isConflict(
  answer: Reply,
  { conflictStatuses, conflictWords }: Pick<Speaks, 'conflictStatuses' | 'conflictWords'>,
): boolean {
  if (decide(answer) === 'conflict') return true;
  if (!conflictStatuses.includes(answer.status)) return false;
  const text = answer.text.toLowerCase();
  return conflictWords.length === 0 || conflictWords.some((word) => text.includes(word.toLowerCase()));
}

/** What the last answer to an operation means for it. */
export function toOutcome(operation: Pick<Sayable, 'action' | 'kind'>, answer: Answer): Outcome {
  const decision = decide(answer);
  switch (answer.kind) {
    case 'withheld':
      return answer.because === 'stopped'
        ? { kind: 'skipped', detail: answer.detail }
        : { kind: 'unavailable', detail: answer.detail };
    case 'notSent':
      return { kind: 'unavailable', detail: answer.detail };
    case 'noAnswer':
      return { kind: 'unknown', detail: `sent, and no answer came: ${answer.detail}` };
    case 'reply':
      return outcomeOfReply(operation, decision, answer);
  }
}

function outcomeOfReply(operation: Pick<Sayable, 'action' | 'kind'>, decision: Decision, reply: Reply): Outcome {
  const { status } = reply;
  if (decision === 'accept') return { kind: 'done', status, ...idOf(reply), ...versionOf(reply) };
  const detail = sentence(reply);
  switch (decision) {
    case 'missing':
      if (operation.action === 'delete') return { kind: 'done', status };
      return operation.action === 'create' ? { kind: 'refused', status, detail } : { kind: 'gone', status, detail };
    case 'denied':
      return {
        kind: 'refused',
        status,
        detail: `${detail}; the credentials do not allow it to ${verbs[operation.action]} a ${operation.kind.toLowerCase()}`,
      };
    case 'again':
      // A server that failed half-way may have made the account: it is looked up before it is made again.
      return operation.action === 'create'
        ? { kind: 'unknown', detail: `sent, and answered ${detail}` }
        : { kind: 'unavailable', status, detail };
    case 'wait':
      return { kind: 'unavailable', status, detail };
    default:
      return { kind: 'refused', status, detail };
  }
}

const verbs: Readonly<Record<Sayable['action'], string>> = {
  create: 'create',
  update: 'change',
  deactivate: 'deactivate',
  reactivate: 'reactivate',
  delete: 'delete',
  members: 'change the members of',
};

/** "409 (uniqueness): userName is taken": status, SCIM's word for it, and the server's own words. */
export function sentence(reply: Reply): string {
  const type = scimTypeOf(reply);
  const said = complaintOf(reply);
  return `${reply.status}${type === undefined ? '' : ` (${type})`}${said === '' ? '' : `: ${said}`}`;
}

/** What an answer says in words, whatever it is. */
export function explain(answer: Answer): string {
  return answer.kind === 'reply' ? sentence(answer) : answer.detail;
}

function idOf(reply: Reply) {
  const id = asRemoteId(member(reply.body, 'id'));
  return id === undefined ? {} : { remoteId: id };
}

/** ETag, or `meta.version`, which is the same (RFC 7643 section 3.1). */
export function versionOf({ headers, body }: Pick<Reply, 'headers' | 'body'>): { readonly version?: string } {
  const version = headers['etag'] ?? member(member(body, 'meta'), 'version');
  return typeof version === 'string' && version !== '' ? { version } : {};
}
