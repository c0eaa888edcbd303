import type { Response } from '../../scim/transport/message.ts';
import { errorDetail } from '../../scim/judge/error-body.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { retryAfterMs } from '../../scim/transport/retry-after.ts';
import { instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { MinimalUser } from '../users/minimal-user.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { userResource } from '../users/user-attributes.ts';

/** Makes the first person again. */
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
  // 429 that says when to come back is about haste.
  if (creation.response.status === 429 && retryAfterMs(creation.response, instant(0)) !== undefined)
    creation = await recreate();
  const { protocol } = session.findings.profile();
  const isStandard = decide(creation.response) === 'accept' || creation.response.status === 409;
  // What it says to a body that is wrong for another reason.
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

/** What tells that something is already there, in any language that servers speak. */
const conflictPhrases = ['already exists', 'already', 'duplicate', 'exists', 'taken', 'in use', 'unique', 'conflict'];

export interface ConflictSettings {
  readonly conflictStatuses: readonly number[];
  readonly conflictMessages: readonly string[];
  readonly allowsDuplicates: readonly ResourceType[];
}

/**
 * What it says to somebody who is there already.
 *
 * @param second what the second create made, if anything
 * @param unrelatedRefusal of a body that is wrong for another reason: what it says as well tells nothing apart
 */
export function judgeDuplicate(
  resourceType: ResourceType,
  response: Response,
  first: Canary,
  second: Canary | undefined,
  unrelatedRefusal: Response | undefined,
  known: ConflictSettings,
): readonly Finding[] {
  const topic = resourceType === 'User' ? 'duplicate' : 'same name';
  const what = resourceType === 'User' ? 'a second person with the same userName' : 'a second group with the same name';
  if (decide(response) === 'accept') {
    if (second?.id === first.id)
      return [finding(topic, `${what} is answered ${response.status} with the one who is there: POST is an upsert`)];
    if (second !== undefined)
      return [
        finding(topic, `${what} is made without a word (${response.status}): names prove nothing there`, {
          protocol: { allowsDuplicates: [...known.allowsDuplicates, resourceType] },
        }),
      ];
    return [undecided(topic, `${what} is answered ${response.status}, without an id`)];
  }
  const isStandard = response.status === 409;
  const description = `${what} is refused: ${errorSummary(response)}`;
  if (isStandard && known.conflictMessages.length === 0) return [finding(topic, description)];
  if (['denied', 'notFound', 'unsupported'].includes(decide(response))) return [undecided(topic, description)];
  const statuses = [...new Set([...known.conflictStatuses, response.status])];
  const detail = errorDetail(response).toLowerCase();
  const unrelatedDetail =
    unrelatedRefusal?.status === response.status ? errorDetail(unrelatedRefusal).toLowerCase() : '';
  const matchedPhrase = conflictPhrases.find((phrase) => detail.includes(phrase) && !unrelatedDetail.includes(phrase));
  const messages =
    matchedPhrase === undefined ? known.conflictMessages : [...new Set([...known.conflictMessages, matchedPhrase])];
  return [finding(topic, description, { protocol: { conflictStatuses: statuses, conflictMessages: messages } })];
}
