import { coreUserSchema } from '../../model/path.ts';
import { isBlank, getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import type { FlatResource } from '../../model/resource.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { putBody } from './set-attributes.ts';
import { isInactive } from '../cleanup.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { showsValues, type PatchCoverage } from './patch-support.ts';

/** What PUT does. */
export interface PutSupport {
  readonly works: boolean;
  /** What happens to an attribute that it does not name; undefined: not known. */
  readonly wipes?: boolean;
}

const topic = 'PUT';
const candidatePaths = ['displayName', 'nickName', 'title', 'userType', 'externalId'];

/** Writes a whole person: as they are read with one change, then with one attribute and `active` left out. */
export async function probePut(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<PutSupport> {
  const storedPaths = candidatePaths.filter((path) => stored[path] !== undefined);
  const [changed, omitted] = storedPaths;
  if (changed === undefined) {
    session.findings.add(
      undecided(
        topic,
        'nothing that it shows of a person can be changed, so whether a PUT is understood cannot be seen',
      ),
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
      works
        ? `a whole person is taken (${putResponse.status})`
        : `answered ${putResponse.status}, and nothing is changed`,
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
    session.findings.add(undecided(topic, `what it does to what is left out is not known: ${errorSummary(response)}`));
    return undefined;
  }
  const wipes = isBlank(fromScimJson((await session.read(canary)).body, [omitted])[omitted]);
  session.findings.add(
    finding(topic, wipes ? `what it does not name is wiped (${omitted})` : `what it does not name stays (${omitted})`),
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
        ? 'without active it closes the account: active must always be sent'
        : 'without active an open account stays open',
    ),
  );
  if (isDeactivated) await putWith(session, canary, { active: true }, []);
}

/** Which of PATCH and PUT a change is said by. */
export function judgeUpdate(
  put: PutSupport,
  coverage: PatchCoverage,
  announcesPatch: boolean | undefined,
): readonly Finding[] {
  if (coverage === 'all') return [];
  if (!put.works && coverage === 'some')
    return [finding('update', 'people are changed by PATCH, as far as that goes: PUT is no better')];
  // Attributes may stay as they were made, and an account be closed by PATCH all the same: PUT is no way out where it is none.
  if (!put.works)
    return [
      {
        ...undecided('update', 'neither PATCH nor PUT is seen to change a person'),
        settings: { protocol: { update: 'auto' } },
      },
    ];
  const method = put.wipes === false ? 'put' : 'getThenPut';
  const reason =
    coverage === 'some'
      ? ', which reaches everything'
      : announcesPatch === true
        ? ', although it says of itself that it has PATCH'
        : '';
  return [
    finding(
      'update',
      `people are changed by PUT${method === 'getThenPut' ? ' of what was read, since it wipes what is not named' : ''}${reason}`,
      { protocol: { update: method, ...(coverage === 'some' ? { updateGroups: 'patch' as const } : {}) } },
    ),
  ];
}
