import type { FlatResource } from '../../model/resource.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { Creation } from '../canaries.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { candidateAttributes, userResource, type CandidateAttribute } from './user-attributes.ts';
import { TargetUnusableError } from '../errors.ts';

/** The first canary, and the attributes that a create needs. */
export interface MinimalUser {
  readonly canary: Canary;
  /** Required attributes besides userName, for a user with that name. */
  readonly requiredAttributes: (name: string) => FlatResource;
}

const topic = 'create';

/**
 * Creates the first canary with as few attributes as the target accepts, and detects which of them are required.
 *
 * @throws TargetUnusableError if no user can be created
 */
export async function createMinimalUser(session: ProbeSession): Promise<MinimalUser> {
  const attributes: CandidateAttribute[] = [];
  let creation = await createUser(session, attributes);
  const refusals: string[] = [];
  for (const attribute of candidateAttributes) {
    if (creation.canary !== undefined || !isBodyRejected(creation)) break;
    refusals.push(errorSummary(creation.response));
    attributes.push(attribute);
    creation = await createUser(session, attributes);
  }
  const { canary, response } = creation;
  if (canary === undefined) throw new TargetUnusableError('probe.createRefused', creationFailure(creation));
  session.findings.add(finding(topic, `a user is created by POST (${response.status})`));
  const required = refusals.length === 0 ? [] : await findRequired(session, attributes);
  if (required.some(({ path }) => path === 'emails')) await probePrimaryRequired(session, attributes);
  session.findings.add(
    ...(required.length === 0
      ? [finding(topic, 'only userName is required')]
      : judgeRequired(required, refusals[0] ?? '')),
  );
  return { canary, requiredAttributes: (name) => attributeValues(attributes, name) };
}

const createUser = (session: ProbeSession, attributes: readonly CandidateAttribute[]): Promise<Creation> =>
  session.create('User', (name) => userResource(name, attributeValues(attributes, name)));

const attributeValues = (attributes: readonly CandidateAttribute[], name: string): FlatResource =>
  Object.assign({}, ...attributes.map(({ body }) => body(name))) as FlatResource;

/** Whether more attributes may help: they do not against 401, 403, 404 and 405. */
function isBodyRejected({ response }: Creation): boolean {
  return ['rejected', 'conflict', 'retry', 'noTarget'].includes(decide(response));
}

function creationFailure({ response }: Creation): string {
  const decision = decide(response);
  if (decision === 'accept')
    return (
      `it answered the create of a user with ${response.status}, but without an id: ${response.text.slice(0, 100)}; ` +
      'it may not be a SCIM application, or not store users'
    );
  if (decision === 'denied') return `the credentials do not allow creating a user: ${errorSummary(response)}`;
  return `it refuses every create of a user: ${errorSummary(response)}`;
}

/** The last added attribute is required. Each other one is required if a create without it is refused. */
async function findRequired(
  session: ProbeSession,
  attributes: readonly CandidateAttribute[],
): Promise<readonly CandidateAttribute[]> {
  const required: CandidateAttribute[] = [];
  for (const attribute of attributes) {
    const isLast = attribute === attributes.at(-1);
    if (
      isLast ||
      (
        await createUser(
          session,
          attributes.filter((other) => other !== attribute),
        )
      ).canary === undefined
    )
      required.push(attribute);
  }
  return required;
}

/** Some targets require one e-mail address to be primary. */
async function probePrimaryRequired(session: ProbeSession, attributes: readonly CandidateAttribute[]): Promise<void> {
  const { canary, response } = await session.create('User', (name) =>
    userResource(
      name,
      Object.fromEntries(
        Object.entries(attributeValues(attributes, name)).filter(([path]) => !path.endsWith('.primary')),
      ),
    ),
  );
  if (canary === undefined)
    session.findings.add(
      finding(topic, `one e-mail address must be primary: ${errorSummary(response)}`, {
        supports: { lists: { emails: { primary: true } } },
      }),
    );
}

function judgeRequired(attributes: readonly CandidateAttribute[], refusal: string): readonly Finding[] {
  // scimsync always sends `active`.
  const paths = attributes.map(({ path }) => path).filter((path) => path !== 'active');
  return [
    finding(topic, `required: ${attributes.map(({ path }) => path).join(', ')} (without them: ${refusal})`, {
      supports: { requiredAttributes: ['userName', ...paths] },
    }),
  ];
}

/** Creates one more user with the required attributes. @returns undefined if that fails; then there is a finding */
export async function createAnotherUser(
  session: ProbeSession,
  { requiredAttributes }: MinimalUser,
  extraAttributes: FlatResource = {},
): Promise<Canary | undefined> {
  const { canary, response } = await session.create('User', (name) =>
    userResource(name, { ...requiredAttributes(name), ...extraAttributes }),
  );
  if (canary === undefined)
    session.findings.add(undecided(topic, `one more user could not be created: ${errorSummary(response)}`));
  return canary;
}
