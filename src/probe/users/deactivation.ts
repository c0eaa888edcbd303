import type { Profile } from '../../model/profile.ts';
import { coreUserSchema } from '../../model/path.ts';
import type { FlatResource } from '../../model/resource.ts';
import { isBlank, getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import type { Response } from '../../scim/transport/message.ts';
import { filterOf } from '../../scim/read/lookup.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { setAttributes, usesPatch, putBody } from '../protocol/set-attributes.ts';
import { isInactive } from '../cleanup.ts';
import type { MinimalUser } from './minimal-user.ts';
import { finding, undecided } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { judgeFilter } from '../protocol/lookup.ts';
import { equalsIgnoringCase, nameIn } from '../names.ts';
import { showsValues } from '../protocol/patch-support.ts';
import { userResource } from './user-attributes.ts';

const topic = 'deactivate';

/** What is said of a closed account. */
export type InactiveVisibility = 'readable' | 'notFound' | 'anonymised' | 'open' | 'unknown';

/** @param readResponse an account after `active: false` was accepted @param name the userName that it was shown under before */
export function judgeInactive(readResponse: Response, name: string | undefined): InactiveVisibility {
  if (decide(readResponse) === 'notFound') return 'notFound';
  if (decide(readResponse) !== 'accept') return 'unknown';
  const shownName = nameIn('User', readResponse.body);
  if (shownName !== undefined && name !== undefined && !equalsIgnoringCase(shownName, name)) return 'anonymised';
  if (isInactive(readResponse.body)) return 'readable';
  return isBlank(getIgnoringCase(readResponse.body, 'active')) ? 'unknown' : 'open';
}

/** Closes an account, looks at it, changes it, and opens it again. */
export async function probeDeactivation(
  session: ProbeSession,
  canary: Canary,
  stored: FlatResource,
  minimalUser: MinimalUser,
): Promise<void> {
  const { findings } = session;
  const visibility = await deactivate(session, canary);
  if (visibility === undefined) return;
  if (visibility === 'readable' || visibility === 'notFound' || visibility === 'anonymised')
    findings.add(finding(topic, visibilityText[visibility], { protocol: { inactiveUsers: visibility } }));
  else findings.add(undecided(topic, 'active is not shown, so whether the account is closed cannot be seen'));
  await probeCreateInactive(session, minimalUser);
  await probeInactiveLookup(session, canary);
  await probeInactiveUpdate(session, canary, stored);
  await probeReactivation(session, canary, minimalUser);
}

const visibilityText = {
  readable: 'a closed account is shown as it is',
  notFound: 'a closed account answers 404',
  anonymised: 'a closed account is shown under another name',
} as const;

/** Tries `active: false` as a truth, as text, and by PUT. @returns undefined where nothing closes the account */
async function deactivate(session: ProbeSession, canary: Canary): Promise<InactiveVisibility | undefined> {
  const { protocol } = session.findings.profile();
  const before = nameIn('User', (await session.read(canary)).body);
  const attempts = [
    {
      apply: () => setAttributes(session, canary, { active: false }),
      settings: undefined,
      description: `active false, by ${usesPatch(protocol, 'User') ? 'PATCH' : 'PUT'}`,
    },
    {
      apply: () => setAttributes(session, canary, { active: 'False' }),
      settings: { booleans: 'titleText' as const },
      description: 'active as the text "False"',
    },
    {
      apply: () => setAttributes(session, canary, { active: 'false' }),
      settings: { booleans: 'text' as const },
      description: 'active as the text "false"',
    },
    {
      apply: () => setAttributes(session, canary, { active: false }, { put: true }),
      settings: putOnlySettings(protocol),
      description: 'active false, by PUT',
    },
  ];
  for (const { apply, settings, description } of attempts) {
    const response = await apply();
    if (decide(response) !== 'accept') {
      session.findings.add(finding(topic, `${description}: refused, ${errorSummary(response)}`));
      continue;
    }
    const visibility = judgeInactive(
      await session.readUntil(canary, (body) => isInactive(body) || isBlank(body)),
      before,
    );
    if (visibility === 'open') {
      session.findings.add(finding(topic, `${description}: answered ${response.status}, and the account stays open`));
      continue;
    }
    session.findings.add(
      finding(
        topic,
        `${description}: the account is closed (${response.status})`,
        settings === undefined ? undefined : { protocol: settings },
      ),
    );
    return visibility;
  }
  session.findings.add(undecided(topic, 'nothing that was tried closes an account'));
  return undefined;
}

/** Whoever leaves must be closed: what closes people is how they are changed, and groups stay as they are. */
function putOnlySettings(protocol: Profile['protocol']): Partial<Profile['protocol']> | undefined {
  if (!usesPatch(protocol, 'User')) return undefined;
  return { update: 'getThenPut', updateGroups: protocol.updateGroups === 'same' ? 'patch' : protocol.updateGroups };
}

async function probeCreateInactive(session: ProbeSession, { requiredAttributes }: MinimalUser): Promise<void> {
  // Under a made-up name it could not be told from a stranger; hidden, it might never be removed.
  if (session.findings.profile().protocol.inactiveUsers !== 'readable') return;
  const { canary, response } = await session.create('User', (name) => ({
    ...userResource(name, requiredAttributes(name)),
    active: false,
  }));
  const visibility = canary === undefined ? undefined : judgeInactive(await session.read(canary), undefined);
  session.findings.add(
    finding(
      topic,
      visibility === undefined
        ? `nobody is made closed: ${errorSummary(response)}`
        : visibility === 'open'
          ? 'whoever is made closed is open all the same'
          : 'an account can be made closed',
    ),
  );
}

async function probeInactiveLookup(session: ProbeSession, canary: Canary): Promise<void> {
  const response = await session.send({
    method: 'GET',
    path: session.path('User'),
    query: { filter: filterOf('userName', canary.name) },
  });
  const search = judgeFilter(response, canary.id);
  session.findings.add(
    finding(
      topic,
      search.kind === 'found'
        ? 'a closed account is found by its userName'
        : `a closed account is not found by its userName (${search.kind})`,
    ),
  );
}

async function probeInactiveUpdate(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<void> {
  const path = ['displayName', 'title', 'nickName', 'externalId'].find((each) => stored[each] !== undefined);
  if (path === undefined) return;
  const response = await setAttributes(session, canary, { [path]: 'Changed While Closed' });
  if (decide(response) !== 'accept') {
    session.findings.add(
      finding(topic, `a closed account cannot be changed: ${errorSummary(response)}`, {
        protocol: { inactiveUsersWritable: false },
      }),
    );
    return;
  }
  const readResponse = await session.readUntil(canary, (body) => showsValues(body, { [path]: 'Changed While Closed' }));
  if (decide(readResponse) !== 'accept')
    session.findings.add(undecided(topic, 'a change of a closed account is accepted, and cannot be seen'));
  else if (showsValues(readResponse.body, { [path]: 'Changed While Closed' }))
    session.findings.add(
      finding(topic, `a closed account can be changed${isInactive(readResponse.body) ? '' : ', which opens it'}`),
    );
  else
    session.findings.add(
      finding(topic, `a change of a closed account is answered ${response.status}, and changes nothing`, {
        protocol: { inactiveUsersWritable: false },
      }),
    );
}

const reactivationTopic = 'reactivate';

async function probeReactivation(session: ProbeSession, canary: Canary, minimalUser: MinimalUser): Promise<void> {
  const isActive = async (): Promise<boolean> => {
    const { body } = await session.readUntil(
      canary,
      (each) => fromScimJson(each, ['id'])['id'] !== undefined && !isInactive(each),
    );
    return fromScimJson(body, ['id'])['id'] !== undefined && !isInactive(body);
  };
  const note = (sentence: string, reactivation?: 'put' | 'create' | 'never'): void =>
    session.findings.add(
      finding(reactivationTopic, sentence, reactivation === undefined ? undefined : { protocol: { reactivation } }),
    );
  const activeResponse = await setAttributes(session, canary, { active: true });
  if (decide(activeResponse) === 'accept' && (await isActive())) return note('active true opens the account again');
  note(
    `active true: ${decide(activeResponse) === 'accept' ? `answered ${activeResponse.status}, and the account stays closed` : `refused, ${errorSummary(activeResponse)}`}`,
  );
  const { body } = await session.read(canary);
  const fullResource =
    isBlank(body) || isBlank(getIgnoringCase(body, 'userName'))
      ? userResource(canary.name, minimalUser.requiredAttributes(canary.name))
      : putBody(body, {});
  const putResponse = await session.write('PUT', canary, { schemas: [coreUserSchema], ...fullResource, active: true });
  if (decide(putResponse) === 'accept' && (await isActive()))
    return note('PUT with active true opens the account again', 'put');
  const recreation = await session.create(
    'User',
    () => ({ ...userResource(canary.name, minimalUser.requiredAttributes(canary.name)), active: true }),
    { name: canary.name },
  );
  if (recreation.canary?.id === canary.id && (await isActive()))
    return note('a new POST opens the account again', 'create');
  note('nothing that was tried opens a closed account again', 'never');
}
