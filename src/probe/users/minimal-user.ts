import type { FlatResource } from '../../model/resource.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { Creation, ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { candidateAttributes, userResource, type CandidateAttribute } from './user-attributes.ts';
import { TargetUnusableError } from '../errors.ts';

/** A person whom the application takes. */
export interface MinimalUser {
  readonly canary: Canary;
  /** What it takes them with, besides userName, for whoever is made next. */
  readonly requiredAttributes: (name: string) => FlatResource;
}

const topic = 'create';

/**
 * Makes the first canary, of as little as the application takes, and finds out which of it is needed.
 *
 * @throws TargetUnusableError where nobody can be made
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
  session.findings.add(finding(topic, `a person is made by POST, answered ${response.status}`));
  const required = refusals.length === 0 ? [] : await findRequired(session, attributes);
  if (required.some(({ path }) => path === 'emails')) await probePrimaryRequired(session, attributes);
  session.findings.add(
    ...(required.length === 0
      ? [finding(topic, 'userName alone is enough')]
      : judgeRequired(required, refusals[0] ?? '')),
  );
  return { canary, requiredAttributes: (name) => attributeValues(attributes, name) };
}

const createUser = (session: ProbeSession, attributes: readonly CandidateAttribute[]): Promise<Creation> =>
  session.create('User', (name) => userResource(name, attributeValues(attributes, name)));

const attributeValues = (attributes: readonly CandidateAttribute[], name: string): FlatResource =>
  Object.assign({}, ...attributes.map(({ body }) => body(name))) as FlatResource;

/** Anything but a "no" to whoever asks: more attributes would not help against 401, 403, 404 and 405. */
function isBodyRejected({ response }: Creation): boolean {
  return ['rejected', 'conflict', 'retry', 'noTarget'].includes(decide(response));
}

function creationFailure({ response }: Creation): string {
  const decision = decide(response);
  if (decision === 'accept')
    return `it answered the creation of a person with ${response.status}, but without an id: ${response.text.slice(0, 100)}; this is no SCIM application, or none that keeps people`;
  if (decision === 'denied') return `the credentials do not allow it to create a person: ${errorSummary(response)}`;
  return `it takes nobody, whatever they bring: ${errorSummary(response)}`;
}

/** The last part that was added is needed for certain; each other one is, if nobody is taken without it. */
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

/** Some take an address only if one is marked as the first. */
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
      finding(topic, `one address must be the primary one: ${errorSummary(response)}`, {
        supports: { lists: { emails: { primary: true } } },
      }),
    );
}

function judgeRequired(attributes: readonly CandidateAttribute[], refusal: string): readonly Finding[] {
  // `active` is always sent, and a need that nobody can lack is none.
  const paths = attributes.map(({ path }) => path).filter((path) => path !== 'active');
  return [
    finding(topic, `nobody is taken without ${attributes.map(({ path }) => path).join(', ')}: ${refusal}`, {
      supports: { requiredAttributes: ['userName', ...paths] },
    }),
  ];
}

/** Makes one more person, with the least that is needed. @returns undefined where that fails, which is noted */
export async function createAnotherUser(
  session: ProbeSession,
  { requiredAttributes }: MinimalUser,
  extraAttributes: FlatResource = {},
): Promise<Canary | undefined> {
  const { canary, response } = await session.create('User', (name) =>
    userResource(name, { ...requiredAttributes(name), ...extraAttributes }),
  );
  if (canary === undefined)
    session.findings.add(undecided(topic, `one more person could not be made: ${errorSummary(response)}`));
  return canary;
}
