import type { WriteOperation } from '../../model/operation.ts';
import type { Response } from '../transport/message.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { errorDetail } from './error-body.ts';

/** Why a target refused a request, as far as its answer shows. */
export type RefusalReason =
  /** 401: a statement about the credentials, not about the resource. */
  | 'credentialsRefused'
  /** A rule of the application: the last owner, no free licence. */
  | 'businessRule'
  /** 403 without a sentence, or with one about permissions. */
  | 'notAllowed'
  /** A required attribute is missing. */
  | 'attributeMissing'
  /** 409, or an error text about a value that exists already. */
  | 'valueTaken'
  | 'other';

/** Words of rules that no permission changes. Compared without case. */
const businessRules =
  /\b(last|only|sole|primary) (remaining )?(active )?(owner|admin|administrator|user|member)\b|\b(licen[cs]es?|seats?|subscription|quota|plan) .{0,30}\b(full|exceed\w*|reached|exhausted|used|limit|left|available|expired)\b|\b(no|not enough|insufficient|limit of|maximum( number)? of|out of) (\w+ )?(licen[cs]es?|seats?|quota)\b|\bown(s|er of)\b|\bcannot (deactivate|delete|remove|suspend) (yourself|the owner|an owner)\b/i;

/** Words of a refusal that concerns the credentials. Another text with 403 gives a reason of its own. */
const permissions =
  /permission|privilege|\bscopes?\b|\broles?\b|forbidden|denied|insufficient|not (allowed|authori[sz]ed|permitted)|unauthori[sz]ed|\b(token|credentials?|client)\b/i;

const missingAttribute =
  /\b(is|are) (required|mandatory|missing)\b|\bmissing (required|mandatory)\b|\brequired (attribute|field|property|value)\b|\bmust not be (blank|empty|null)\b|\bmust (be provided|have a value)\b|\b(cannot|can't|can not) be (blank|empty|null)\b/i;

/** The reason that an answer gives: by its status, and by its text where the status alone misleads. */
export function refusalReason(response: Response): RefusalReason {
  const { status } = response;
  if (status === 401) return 'credentialsRefused';
  const text = errorDetail(response);
  if (businessRules.test(text)) return 'businessRule';
  if (status === 403) return isOwnReason(response) && !permissions.test(text) ? 'other' : 'notAllowed';
  if (missingAttribute.test(text)) return 'attributeMissing';
  return status === 409 ? 'valueTaken' : 'other';
}

/** A sentence of the application, not a status in words. */
function isOwnReason({ body }: Response): boolean {
  const detail = getIgnoringCase(body, 'detail');
  return typeof detail === 'string' && /\S\s+\S/.test(detail);
}

/** What a report adds to the answer of the target; '' where the answer is enough. */
export function refusalNote(
  response: Response,
  { action, resourceType }: Pick<WriteOperation, 'action' | 'resourceType'>,
): string {
  switch (refusalReason(response)) {
    case 'credentialsRefused':
      return '; the target did not accept the credentials of this request';
    case 'businessRule':
      return '; a rule of the application prevents it';
    case 'notAllowed':
      return `; the credentials do not allow it to ${actionVerbs[action]} a ${resourceType.toLowerCase()}`;
    default:
      return '';
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
