import { fromScimJson, getIgnoringCase } from '../model/scim-json.ts';
import { parseId } from '../scim/encode/urls.ts';
import { isHtml } from '../scim/judge/error-body.ts';
import { decide, describeResult } from '../scim/judge/judge-response.ts';
import type { Response } from '../scim/transport/message.ts';
import { NoResponseError } from './errors.ts';
import type { Canary, CanaryState } from './ledger.ts';
import { patchBody } from './protocol/patch-variants.ts';
import { setAttributes } from './protocol/set-attributes.ts';
import type { ProbeSession } from './session.ts';

/** Whether a user resource has `active` false, as a boolean or as a string. */
export function isInactive(body: unknown): boolean {
  const { active } = fromScimJson(body, ['active']);
  return active === false || (typeof active === 'string' && active.toLowerCase() === 'false');
}

/** Whether a response contains the canary itself, and not an error, a web page or another resource. */
export const showsCanary = (canary: Canary, response: Response): boolean =>
  decide(response) === 'accept' && parseId(getIgnoringCase(response.body, 'id')) === canary.id;

/** `unknown`: the response neither shows the resource nor states that it does not exist. */
export type ReadState = CanaryState | 'unknown';

/** The state of a canary as a read after DELETE shows it. An error other than 404, or a web page, proves nothing. */
export function stateAfterDelete(canary: Canary, readResponse: Response): ReadState {
  if (isProvenMissing(readResponse)) return 'deleted';
  if (!showsCanary(canary, readResponse)) return 'unknown';
  return canary.resourceType === 'User' && isInactive(readResponse.body) ? 'deactivated' : 'present';
}

/** 404 or 410, but not of a gateway that answers with a web page. */
export const isProvenMissing = (response: Response): boolean => decide(response) === 'notFound' && !isHtml(response);

/** Why DELETE did not remove a canary. */
export function describeDeletion(deletion: Response | NoResponseError, state: ReadState): string {
  if (!('status' in deletion)) return `DELETE failed with ${deletion.message}`;
  if (decide(deletion) !== 'accept') return `DELETE failed with ${describeResult(deletion)}`;
  const effect =
    state === 'unknown'
      ? 'no read confirms it'
      : state === 'deactivated'
        ? 'the inactive user still exists'
        : 'the resource still exists';
  return `DELETE was answered ${deletion.status}, but ${effect}`;
}

/**
 * Deactivates a user by every request that may do it, the one that the experiments found first, until a read shows that
 * it is inactive. A request without an answer, or with an error, does not end the attempts.
 */
export async function deactivateByAnyMeans(session: ProbeSession, canary: Canary): Promise<boolean> {
  const patch = (operation: object): Promise<Response> => session.write('PATCH', canary, patchBody([operation]));
  const attempts: readonly (() => Promise<Response>)[] = [
    () => setAttributes(session, canary, { active: false }),
    () => patch({ op: 'replace', path: 'active', value: false }),
    () => setAttributes(session, canary, { active: false }, { put: true }),
    () => patch({ op: 'Replace', path: 'active', value: 'False' }),
    () => patch({ op: 'replace', value: { active: false } }),
  ];
  for (const attempt of attempts) {
    try {
      await attempt();
      const response = await session.readUntil(canary, isInactive);
      if (showsCanary(canary, response) && isInactive(response.body)) return true;
    } catch (error) {
      if (!(error instanceof NoResponseError)) throw error;
    }
  }
  return false;
}
