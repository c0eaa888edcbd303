import { coreUserSchema } from '../../model/path.ts';
import { isBlank, getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from '../../scim/encode/urls.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import { isRefusal } from '../canaries.ts';
import { isInactive, isProvenMissing, showsCanary } from '../closing.ts';
import { failureText, finding, undecided } from '../finding.ts';
import type { Canary } from '../ledger.ts';
import { setAttributes, putBody } from '../protocol/set-attributes.ts';
import type { ProbeSession } from '../session.ts';
import type { MinimalUser } from './minimal-user.ts';
import { userResource } from './user-attributes.ts';

const topic = 'reactivate';

/** Reactivates an inactive user by an ordinary update, by PUT, and by a new POST. */
export async function probeReactivation(
  session: ProbeSession,
  canary: Canary,
  minimalUser: MinimalUser,
): Promise<void> {
  const readActive = (): Promise<Response> =>
    session.readUntil(canary, (body) => parseId(getIgnoringCase(body, 'id')) === canary.id && !isInactive(body));
  const isActive = async (): Promise<boolean> => {
    let response = await readActive();
    // The target may have given the user another id, without showing it in the response.
    if (isProvenMissing(response) && (await session.relocate(canary))) response = await readActive();
    return showsCanary(canary, response) && !isInactive(response.body);
  };
  const note = (sentence: string, reactivation?: 'put' | 'create' | 'never'): void =>
    session.findings.add(
      finding(topic, sentence, reactivation === undefined ? undefined : { protocol: { reactivation } }),
    );
  const activate = (): Promise<Response> => setAttributes(session, canary, { active: true });
  const firstResponse = await activate();
  // One error of the server must not decide for another method.
  const isError = decide(firstResponse) !== 'accept' && !isRefusal(firstResponse);
  const activeResponse = isError ? await activate() : firstResponse;
  if (decide(activeResponse) === 'accept' && (await isActive())) return note('active true reactivates the user');
  note(`active true: ${failureText(activeResponse)}`);
  const { body } = await session.read(canary);
  const fullResource =
    isBlank(body) || isBlank(getIgnoringCase(body, 'userName'))
      ? userResource(canary.name, minimalUser.requiredAttributes(canary.name))
      : putBody(body, {});
  const putResponse = await session.write('PUT', canary, { schemas: [coreUserSchema], ...fullResource, active: true });
  if (decide(putResponse) === 'accept' && (await isActive()))
    return note('PUT with active true reactivates the user', 'put');
  const recreation = await session.create(
    'User',
    () => ({ ...userResource(canary.name, minimalUser.requiredAttributes(canary.name)), active: true }),
    { name: canary.name },
  );
  if (recreation.canary?.id === canary.id && (await isActive()))
    return note('a new POST reactivates the user', 'create');
  const unclear = [activeResponse, putResponse, recreation.response].find(
    (response) => decide(response) !== 'accept' && !isRefusal(response),
  );
  if (unclear === undefined) return note('no tested request reactivates a user', 'never');
  session.findings.add(
    undecided(topic, `no request was seen to reactivate a user, and one failed: ${errorSummary(unclear)}`),
  );
}
