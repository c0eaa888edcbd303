import type { Response } from '../../scim/transport/message.ts';
import { errorDetail } from '../../scim/judge/error-body.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { retryAfterMs } from '../../scim/transport/retry.ts';
import { instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { MinimalUser } from '../users/minimal-user.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { userResource } from '../users/user-attributes.ts';

/** Creates the first user a second time. */
export async function probeDuplicateUser(
  session: ProbeSession,
  { canary, requiredAttributes }: MinimalUser,
): Promise<void> {
  const recreate = () =>
    session.create('User', () => userResource(canary.name, requiredAttributes(canary.name)), {
      name: canary.name,
      handledStatuses: [429],
    });
  let creation = await recreate();
  // 429 with Retry-After is a rate limit, not a conflict.
  if (creation.response.status === 429 && retryAfterMs(creation.response, instant(0)) !== undefined)
    creation = await recreate();
  const { protocol } = session.findings.profile();
  const isStandard = decide(creation.response) === 'accept' || creation.response.status === 409;
  // The error for an invalid body, to tell it from the error for a conflict.
  const unrelatedRefusal = isStandard
    ? undefined
    : (
        await session.create('User', (name) => ({
          ...userResource(name, requiredAttributes(name)),
          emails: 7,
          active: 'perhaps',
        }))
      ).response;
  session.findings.add(
    ...judgeDuplicate('User', creation.response, canary, creation.canary, unrelatedRefusal, protocol),
  );
}

/** Phrases of error details that indicate a uniqueness conflict. */
const conflictPhrases = ['already exists', 'already', 'duplicate', 'exists', 'taken', 'in use', 'unique', 'conflict'];

/** The profile settings that describe a create of an existing resource. */
export interface ConflictSettings {
  readonly conflictStatuses: readonly number[];
  readonly conflictMessages: readonly string[];
  readonly allowsDuplicates: readonly ResourceType[];
}

/**
 * How the target reports a uniqueness conflict.
 *
 * @param second the canary of the second create, if it created one
 * @param unrelatedRefusal the error for an invalid body: a phrase that it contains too does not indicate a conflict
 */
export function judgeDuplicate(
  resourceType: ResourceType,
  response: Response,
  first: Canary,
  second: Canary | undefined,
  unrelatedRefusal: Response | undefined,
  known: ConflictSettings,
): readonly Finding[] {
  const topic = resourceType === 'User' ? 'duplicate' : 'duplicate group';
  const what =
    resourceType === 'User' ? 'a second user with the same userName' : 'a second group with the same displayName';
  if (decide(response) === 'accept') {
    if (second?.id === first.id)
      return [finding(topic, `${what} is answered ${response.status} with the existing resource: POST is an upsert`)];
    if (second !== undefined)
      return [
        finding(topic, `${what} is created (${response.status}): names are not unique`, {
          protocol: { allowsDuplicates: [...known.allowsDuplicates, resourceType] },
        }),
      ];
    return [undecided(topic, `${what} is answered ${response.status}, without an id`)];
  }
  const isStandard = decide(response) === 'conflict';
  const description = `${what} is refused: ${errorSummary(response)}`;
  if (isStandard && known.conflictMessages.length === 0) return [finding(topic, description)];
  if (response.status < 400 || ['denied', 'notFound', 'unsupported'].includes(decide(response)))
    return [undecided(topic, description)];
  const statuses = [...new Set([...known.conflictStatuses, response.status])];
  const detail = errorDetail(response).toLowerCase();
  const unrelatedDetail =
    unrelatedRefusal?.status === response.status ? errorDetail(unrelatedRefusal).toLowerCase() : '';
  const matchedPhrase = conflictPhrases.find((phrase) => detail.includes(phrase) && !unrelatedDetail.includes(phrase));
  const messages =
    matchedPhrase === undefined ? known.conflictMessages : [...new Set([...known.conflictMessages, matchedPhrase])];
  return [finding(topic, description, { protocol: { conflictStatuses: statuses, conflictMessages: messages } })];
}
