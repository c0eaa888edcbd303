import { managerPath } from '../../model/path.ts';
import type { FlatResource } from '../../model/resource.ts';
import { fromScimJson } from '../../model/scim-json.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import type { MinimalUser } from './minimal-user.ts';
import { finding, undecided } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import { judgeStoredValues, storedValuesOf } from './stored-values.ts';
import type { Canary } from '../ledger.ts';
import { mixedCase, userResource, fullAttributes, workMail } from './user-attributes.ts';

/** A canary with every attribute that the target accepts. */
export interface FullUser {
  readonly canary: Canary;
  /** The attributes of the create, including userName. */
  readonly sent: FlatResource;
  /** The attributes as a read returns them. */
  readonly stored: FlatResource;
}

/** Creates a user with all attributes that mappings send, and compares what the target stores. */
export async function probeAttributeSupport(
  session: ProbeSession,
  minimalUser: MinimalUser,
): Promise<FullUser | undefined> {
  const manager = minimalUser.canary.id;
  let attributesFor: AttributesFor = (name) => fullAttributes(name, manager, mixedCase(`mail.${name}`));
  let acceptance = await findAccepted(session, minimalUser, attributesFor);
  if (acceptance.rejected.includes(workMail)) {
    // Some targets require the work e-mail address to equal userName.
    attributesFor = (name) => fullAttributes(name, manager, mixedCase(name));
    const retried = await findAccepted(session, minimalUser, attributesFor);
    if (!retried.rejected.includes(workMail))
      session.findings.add(finding('attributes', 'the work e-mail address must equal userName'));
    acceptance = retried;
  }
  const { accepted, rejected, canary } = acceptance;
  if (canary === undefined) {
    session.findings.add(undecided('attributes', 'no user with more attributes could be created'));
    return undefined;
  }
  const sent: FlatResource = {
    userName: mixedCase(canary.name),
    ...minimalUser.requiredAttributes(canary.name),
    ...pick(attributesFor(canary.name), accepted),
  };
  const response = await session.readUntil(
    canary,
    (body) => Object.keys(fromScimJson(body, ['userName', 'id'])).length > 0,
  );
  if (decide(response) !== 'accept') {
    session.findings.add(undecided('attributes', `a new user cannot be read: ${errorSummary(response)}`));
    return { canary, sent, stored: {} };
  }
  const storedValues = storedValuesOf(response.body, sent);
  session.findings.add(...judgeStoredValues(sent, storedValues, rejected, session.findings.profile().supports));
  return { canary, sent, stored: storedValues.values };
}

/** The attributes of a user with that name. */
type AttributesFor = (name: string) => FlatResource;

interface Acceptance {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly canary?: Canary;
}

/**
 * Creates users with ever smaller sets of attributes until the rejected ones are known: one request if all are
 * accepted, a few for each rejected one.
 */
async function findAccepted(
  session: ProbeSession,
  minimalUser: MinimalUser,
  attributesFor: AttributesFor,
): Promise<Acceptance> {
  const create = async (paths: readonly string[]): Promise<Canary | undefined> => {
    const { canary } = await session.create('User', (name) =>
      userResource(mixedCase(name), { ...minimalUser.requiredAttributes(name), ...pick(attributesFor(name), paths) }),
    );
    return canary;
  };
  const paths = Object.keys(attributesFor('x'));
  const first = await create(paths);
  if (first !== undefined) return { accepted: paths, rejected: [], canary: first };
  const rejected = await findRejected(create, paths);
  const accepted = paths.filter((path) => !rejected.includes(path));
  if (rejected.includes(managerPath)) await probeManagerAsText(session, minimalUser);
  const canary = await create(accepted);
  return { accepted, rejected, ...(canary === undefined ? {} : { canary }) };
}

/** Bisects the paths. @param paths attributes that are refused together */
async function findRejected(
  create: (paths: readonly string[]) => Promise<Canary | undefined>,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length <= 1) return paths;
  const rejected: string[] = [];
  const middle = Math.ceil(paths.length / 2);
  for (const half of [paths.slice(0, middle), paths.slice(middle)]) {
    if ((await create(half)) === undefined) rejected.push(...(await findRejected(create, half)));
  }
  return rejected;
}

/** Some targets expect `manager` as a string with the id. */
async function probeManagerAsText(session: ProbeSession, minimalUser: MinimalUser): Promise<void> {
  const { canary } = await session.create('User', (name) =>
    userResource(name, {
      ...minimalUser.requiredAttributes(name),
      [managerPath.replace(/\.value$/, '')]: minimalUser.canary.id,
    }),
  );
  if (canary === undefined) return;
  const { [managerPath]: stored } = fromScimJson((await session.read(canary)).body, [managerPath]);
  if (stored === minimalUser.canary.id)
    session.findings.add(
      finding('attributes', 'manager is accepted as a string with the id, not as a complex attribute', {
        protocol: { manager: 'text' },
      }),
    );
}

function pick(body: FlatResource, paths: readonly string[]): FlatResource {
  return Object.fromEntries(Object.entries(body).filter(([path]) => paths.includes(path)));
}
