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
import { failureText, finding, undecided } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { judgeFilter } from '../protocol/lookup.ts';
import { equalsIgnoringCase, nameIn } from '../names.ts';
import { showsValues } from '../protocol/patch-support.ts';
import { userResource } from './user-attributes.ts';

const topic = 'deactivate';

/** How a read returns a user after `active: false` was accepted; `active`: the request had no effect. */
export type InactiveVisibility = 'readable' | 'notFound' | 'anonymised' | 'active' | 'unknown';

/**
 * @param readResponse a read after `active: false` was accepted
 * @param name the userName before it, as a read returned it
 */
export function judgeInactive(readResponse: Response, name: string | undefined): InactiveVisibility {
  if (decide(readResponse) === 'notFound') return 'notFound';
  if (decide(readResponse) !== 'accept') return 'unknown';
  const shownName = nameIn('User', readResponse.body);
  if (shownName !== undefined && name !== undefined && !equalsIgnoringCase(shownName, name)) return 'anonymised';
  if (isInactive(readResponse.body)) return 'readable';
  return isBlank(getIgnoringCase(readResponse.body, 'active')) ? 'unknown' : 'active';
}

/** Deactivates a user, then reads, filters, updates and reactivates it. */
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
  else findings.add(undecided(topic, 'responses do not contain active, so the effect is not visible'));
  await probeCreateInactive(session, minimalUser);
  await probeInactiveLookup(session, canary);
  await probeInactiveUpdate(session, canary, stored);
  await probeReactivation(session, canary, minimalUser);
}

const visibilityText = {
  readable: 'a read returns an inactive user unchanged',
  notFound: 'a read of an inactive user returns 404',
  anonymised: 'a read returns an inactive user with another userName',
} as const;

/** Tries `active: false` as a boolean, as a string, and by PUT. @returns undefined if no attempt works */
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
      description: 'active as the string "False"',
    },
    {
      apply: () => setAttributes(session, canary, { active: 'false' }),
      settings: { booleans: 'text' as const },
      description: 'active as the string "false"',
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
      session.findings.add(finding(topic, `${description}: ${failureText(response)}`));
      continue;
    }
    const visibility = judgeInactive(
      await session.readUntil(canary, (body) => isInactive(body) || isBlank(body)),
      before,
    );
    if (visibility === 'active') {
      session.findings.add(finding(topic, `${description}: ${failureText(response)}`));
      continue;
    }
    session.findings.add(
      finding(
        topic,
        `${description}: the user is inactive (${response.status})`,
        settings === undefined ? undefined : { protocol: settings },
      ),
    );
    return visibility;
  }
  session.findings.add(undecided(topic, 'no tested request deactivates a user'));
  return undefined;
}

/**
 * Settings if only PUT deactivates: all updates of users then use PUT, because leavers must be deactivated. Groups keep
 * their method.
 */
function putOnlySettings(protocol: Profile['protocol']): Partial<Profile['protocol']> | undefined {
  if (!usesPatch(protocol, 'User')) return undefined;
  return { update: 'getThenPut', updateGroups: protocol.updateGroups === 'same' ? 'patch' : protocol.updateGroups };
}

async function probeCreateInactive(session: ProbeSession, { requiredAttributes }: MinimalUser): Promise<void> {
  // An anonymised user could not be recognised as a canary, and a hidden one might never be deleted.
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
        ? `a create with active false is refused: ${errorSummary(response)}`
        : visibility === 'active'
          ? 'a create with active false creates an active user'
          : 'a create with active false creates an inactive user',
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
        ? 'a filter by userName finds an inactive user'
        : `a filter by userName does not find an inactive user (${filterText[search.kind]})`,
    ),
  );
}

async function probeInactiveUpdate(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<void> {
  const path = ['displayName', 'title', 'nickName', 'externalId'].find((each) => stored[each] !== undefined);
  if (path === undefined) return;
  const response = await setAttributes(session, canary, { [path]: 'Updated While Inactive' });
  if (decide(response) !== 'accept') {
    session.findings.add(
      finding(topic, `an update of an inactive user is refused: ${errorSummary(response)}`, {
        protocol: { inactiveUsersWritable: false },
      }),
    );
    return;
  }
  const readResponse = await session.readUntil(canary, (body) =>
    showsValues(body, { [path]: 'Updated While Inactive' }),
  );
  if (decide(readResponse) !== 'accept')
    session.findings.add(undecided(topic, 'an update of an inactive user is accepted, but not visible'));
  else if (showsValues(readResponse.body, { [path]: 'Updated While Inactive' }))
    session.findings.add(
      finding(
        topic,
        `an update of an inactive user works${isInactive(readResponse.body) ? '' : ' and reactivates it'}`,
      ),
    );
  else
    session.findings.add(
      finding(topic, `an update of an inactive user is answered ${response.status}, without effect`, {
        protocol: { inactiveUsersWritable: false },
      }),
    );
}

const filterText = {
  empty: 'empty list',
  refused: 'refused',
  otherRows: 'other rows',
} as const;

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
  note('no tested request reactivates a user', 'never');
}
