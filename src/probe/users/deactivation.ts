import type { Profile } from '../../model/profile.ts';
import type { FlatResource } from '../../model/resource.ts';
import { isBlank, getIgnoringCase } from '../../model/scim-json.ts';
import type { Response } from '../../scim/transport/message.ts';
import { filterOf } from '../../scim/read/lookup.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { setAttributes, usesPatch } from '../protocol/set-attributes.ts';
import { isInactive, isProvenMissing, showsCanary } from '../closing.ts';
import { isRefusal } from '../canaries.ts';
import type { MinimalUser } from './minimal-user.ts';
import { probeReactivation } from './reactivation.ts';
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
  if (isProvenMissing(readResponse)) return 'notFound';
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
  if (!(await isActivated(session, canary))) return;
  const updatablePath = await findUpdatablePath(session, canary, stored);
  const visibility = await deactivate(session, canary);
  if (visibility === undefined) return;
  findings.add(finding(topic, visibilityText[visibility], { protocol: { inactiveUsers: visibility } }));
  await probeCreateInactive(session, minimalUser);
  await probeInactiveLookup(session, canary);
  await probeInactiveUpdate(session, canary, updatablePath);
  await probeReactivation(session, canary, minimalUser);
}

const visibilityText = {
  readable: 'a read returns an inactive user unchanged',
  notFound: 'a read of an inactive user returns 404',
  anonymised: 'a read returns an inactive user with another userName',
} as const;

/**
 * Whether the user is active, so that a deactivation shows. Some targets invite new users: they stay inactive until the
 * person accepts, and no request activates them.
 */
async function isActivated(session: ProbeSession, canary: Canary): Promise<boolean> {
  if (!isInactive((await session.read(canary)).body)) return true;
  for (const put of [undefined, true]) {
    const response = await setAttributes(session, canary, { active: true }, put === undefined ? {} : { put });
    if (decide(response) !== 'accept') continue;
    const readResponse = await session.readUntil(canary, (body) => !isInactive(body));
    if (!showsCanary(canary, readResponse) || isInactive(readResponse.body)) continue;
    session.findings.add(finding(topic, 'a new user is inactive until a request sets active true'));
    return true;
  }
  session.findings.add(
    undecided(
      'invited',
      'new users are inactive, and active true does not activate them: they are invited, and become active when the ' +
        'person accepts. How users are deactivated and reactivated was not seen',
    ),
  );
  return false;
}

/** Tries `active: false` as a boolean, as a string, and by PUT. @returns undefined if no attempt shows an effect */
async function deactivate(
  session: ProbeSession,
  canary: Canary,
): Promise<'readable' | 'notFound' | 'anonymised' | undefined> {
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
  let isInvisible = false;
  for (const { apply, settings, description } of attempts) {
    const response = await apply();
    if (decide(response) !== 'accept') {
      session.findings.add(finding(topic, `${description}: ${failureText(response)}`));
      continue;
    }
    const readResponse = await session.readUntil(canary, (body) => isInactive(body) || isBlank(body));
    const visibility = judgeInactive(readResponse, before);
    if (visibility === 'active' || visibility === 'unknown') {
      isInvisible ||= visibility === 'unknown';
      const effect =
        visibility === 'active'
          ? failureText(response)
          : `answered ${response.status}, and a read does not show the effect`;
      session.findings.add(finding(topic, `${description}: ${effect}`));
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
  session.findings.add(
    undecided(
      topic,
      isInvisible
        ? 'no read shows whether a user is inactive: how users are deactivated and reactivated was not seen'
        : 'no tested request deactivates a user',
    ),
  );
  // The user may be inactive all the same, and later experiments need an active one.
  if (isInvisible) await setAttributes(session, canary, { active: true });
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

/** An attribute that an update of the active user visibly changes: only then does a later update prove something. */
async function findUpdatablePath(
  session: ProbeSession,
  canary: Canary,
  stored: FlatResource,
): Promise<string | undefined> {
  for (const path of ['displayName', 'title', 'nickName', 'externalId']) {
    if (stored[path] === undefined) continue;
    const expected = { [path]: 'Updated While Active' };
    const response = await setAttributes(session, canary, expected);
    if (decide(response) !== 'accept') continue;
    if (showsValues((await session.readUntil(canary, (body) => showsValues(body, expected))).body, expected))
      return path;
  }
  return undefined;
}

async function probeInactiveUpdate(session: ProbeSession, canary: Canary, path: string | undefined): Promise<void> {
  if (path === undefined) {
    session.findings.add(
      undecided(topic, 'no update of an active user is visible, so one of an inactive user was not tested'),
    );
    return;
  }
  const expected = { [path]: 'Updated While Inactive' };
  const response = await setAttributes(session, canary, expected);
  if (decide(response) !== 'accept') {
    const isClear = isRefusal(response);
    session.findings.add(
      isClear
        ? finding(topic, `an update of an inactive user is refused: ${errorSummary(response)}`, {
            protocol: { inactiveUsersWritable: false },
          })
        : undecided(topic, `an update of an inactive user failed: ${errorSummary(response)}`),
    );
    return;
  }
  const readResponse = await session.readUntil(canary, (body) => showsValues(body, expected));
  if (!showsCanary(canary, readResponse))
    session.findings.add(undecided(topic, 'an update of an inactive user is accepted, but not visible'));
  else if (showsValues(readResponse.body, expected))
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
