import { coreUserSchema } from '../../model/path.ts';
import { isBlank, getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import type { FlatResource } from '../../model/resource.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { putBody } from './set-attributes.ts';
import { isInactive } from '../closing.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { showsValues, type PatchCoverage } from './patch-support.ts';

/** What PUT does at the target. */
export interface PutSupport {
  readonly works: boolean;
  /** Whether PUT removes attributes that it does not name; undefined: not known. */
  readonly wipes?: boolean;
}

const topic = 'PUT';
const candidatePaths = ['displayName', 'nickName', 'title', 'userType', 'externalId'];

/** Sends three PUTs of a user: with one change, without one attribute, and without `active`. */
export async function probePut(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<PutSupport> {
  const storedPaths = candidatePaths.filter((path) => stored[path] !== undefined);
  const [changed, omitted] = storedPaths;
  if (changed === undefined) {
    session.findings.add(
      undecided(topic, 'a user has no attribute that the probe could update, so the effect of PUT is not visible'),
    );
    return { works: false };
  }
  const expected = { [changed]: 'Put Canary' };
  const putResponse = await putWith(session, canary, expected, []);
  if (decide(putResponse) !== 'accept') {
    session.findings.add(finding(topic, `refused, ${errorSummary(putResponse)}`));
    return { works: false };
  }
  const works = showsValues((await session.readUntil(canary, (body) => showsValues(body, expected))).body, expected);
  session.findings.add(
    finding(
      topic,
      works ? `an update of a user works (${putResponse.status})` : `answered ${putResponse.status}, without effect`,
    ),
  );
  if (!works) return { works };
  const wipes = omitted === undefined ? undefined : await probeOmittedAttribute(session, canary, changed, omitted);
  if ('active' in stored) await probeOmittedActive(session, canary, { [changed]: 'Put Again' });
  return { works, ...(wipes === undefined ? {} : { wipes }) };
}

async function putWith(session: ProbeSession, canary: Canary, values: FlatResource, omitted: readonly string[]) {
  const { body } = await session.read(canary);
  const schemas = isBlank(getIgnoringCase(body, 'schemas')) ? { schemas: [coreUserSchema] } : {};
  return session.write('PUT', canary, putBody(body, { ...schemas, ...values }, omitted));
}

async function probeOmittedAttribute(
  session: ProbeSession,
  canary: Canary,
  changed: string,
  omitted: string,
): Promise<boolean | undefined> {
  const before = fromScimJson((await session.read(canary)).body, [omitted])[omitted];
  const response = await putWith(session, canary, { [changed]: 'Put Less' }, [omitted]);
  if (before === undefined || decide(response) !== 'accept') {
    session.findings.add(
      undecided(topic, `its effect on attributes that it does not name is not known: ${errorSummary(response)}`),
    );
    return undefined;
  }
  const wipes = isBlank(fromScimJson((await session.read(canary)).body, [omitted])[omitted]);
  session.findings.add(
    finding(
      topic,
      wipes
        ? `removes attributes that it does not name (${omitted})`
        : `keeps attributes that it does not name (${omitted})`,
    ),
  );
  return wipes;
}

async function probeOmittedActive(session: ProbeSession, canary: Canary, values: FlatResource): Promise<void> {
  const response = await putWith(session, canary, values, ['active']);
  if (decide(response) !== 'accept') {
    session.findings.add(finding(topic, `refused without active: ${errorSummary(response)}`));
    return;
  }
  const isDeactivated = isInactive((await session.read(canary)).body);
  session.findings.add(
    finding(
      topic,
      isDeactivated
        ? 'without active it deactivates the user: every PUT must contain active'
        : 'without active an active user stays active',
    ),
  );
  if (isDeactivated) await putWith(session, canary, { active: true }, []);
}

/** Which of PATCH and PUT the profile uses for updates of users. */
export function judgeUpdate(
  put: PutSupport,
  coverage: PatchCoverage,
  announcesPatch: boolean | undefined,
): readonly Finding[] {
  if (coverage === 'all') return [];
  if (!put.works && coverage === 'some')
    return [
      finding('update', 'users are updated by PATCH, although it does not reach every attribute: PUT does not work'),
    ];
  // PATCH may still update `active` if all other attributes are immutable; PUT does not work.
  if (!put.works)
    return [
      {
        ...undecided('update', 'neither PATCH nor PUT has a visible effect on a user'),
        settings: { protocol: { update: 'auto' } },
      },
    ];
  const method = put.wipes === false ? 'put' : 'getThenPut';
  const methodText =
    method === 'getThenPut' ? 'GET and PUT, because PUT removes attributes that it does not name' : 'PUT';
  const reason =
    coverage === 'some'
      ? ', which reaches every attribute'
      : announcesPatch === true
        ? ', although discovery announces PATCH'
        : '';
  return [
    finding('update', `users are updated by ${methodText}${reason}`, {
      protocol: { update: method, ...(coverage === 'some' ? { updateGroups: 'patch' as const } : {}) },
    }),
  ];
}
