import type { Body } from '../model/resource.ts';
import { decide, sentence } from '../scim/response.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Creation, Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { growth, person, type Part } from './person.ts';
import { TargetGone } from './trouble.ts';

/** A person whom the application takes. */
export interface Newcomer {
  readonly canary: Canary;
  /** What it takes them with, besides userName, for whoever is made next. */
  readonly least: (name: string) => Body;
}

const about = 'create';

/**
 * Makes the first canary, of as little as the application takes, and finds out which of it is needed.
 *
 * @throws TargetGone where nobody can be made
 */
export async function firstPerson(ground: Ground): Promise<Newcomer> {
  const grown: Part[] = [];
  let creation = await create(ground, grown);
  const refusals: string[] = [];
  for (const part of growth) {
    if (creation.canary !== undefined || !isAboutTheBody(creation)) break;
    refusals.push(sentence(creation.reply));
    grown.push(part);
    creation = await create(ground, grown);
  }
  const { canary, reply } = creation;
  if (canary === undefined) throw new TargetGone(whyNobody(creation));
  ground.book.note(finding(about, `a person is made by POST, answered ${reply.status}`));
  const needed = refusals.length === 0 ? [] : await neededOf(ground, grown);
  if (needed.some(({ path }) => path === 'emails')) await withoutPrimary(ground, grown);
  ground.book.note(
    ...(needed.length === 0 ? [finding(about, 'userName alone is enough')] : needs(needed, refusals[0] ?? '')),
  );
  return { canary, least: (name) => bodyOf(grown, name) };
}

const create = (ground: Ground, parts: readonly Part[]): Promise<Creation> =>
  ground.create('User', (name) => person(name, bodyOf(parts, name)));

const bodyOf = (parts: readonly Part[], name: string): Body =>
  Object.assign({}, ...parts.map(({ body }) => body(name))) as Body;

/** Anything but a "no" to whoever asks: more attributes would not help against 401, 403, 404 and 405. */
function isAboutTheBody({ reply }: Creation): boolean {
  return ['refuse', 'conflict', 'again', 'noTarget'].includes(decide(reply));
}

function whyNobody({ reply }: Creation): string {
  const decision = decide(reply);
  if (decision === 'accept')
    return `it answered the creation of a person with ${reply.status}, but without an id: ${reply.text.slice(0, 100)}; this is no SCIM application, or none that keeps people`;
  if (decision === 'denied') return `the credentials do not allow it to create a person: ${sentence(reply)}`;
  return `it takes nobody, whatever they bring: ${sentence(reply)}`;
}

/** The last part that was added is needed for certain; each other one is, if nobody is taken without it. */
async function neededOf(ground: Ground, grown: readonly Part[]): Promise<readonly Part[]> {
  const needed: Part[] = [];
  for (const part of grown) {
    const isLast = part === grown.at(-1);
    if (
      isLast ||
      (
        await create(
          ground,
          grown.filter((other) => other !== part),
        )
      ).canary === undefined
    )
      needed.push(part);
  }
  return needed;
}

/** Some take an address only if one is marked as the first. */
async function withoutPrimary(ground: Ground, grown: readonly Part[]): Promise<void> {
  const { canary, reply } = await ground.create('User', (name) =>
    person(
      name,
      Object.fromEntries(Object.entries(bodyOf(grown, name)).filter(([path]) => !path.endsWith('.primary'))),
    ),
  );
  if (canary === undefined)
    ground.book.note(
      finding(about, `one address must be the primary one: ${sentence(reply)}`, {
        holds: { lists: { emails: { primary: true } } },
      }),
    );
}

function needs(parts: readonly Part[], refusal: string): readonly Finding[] {
  // `active` is always sent, and a need that nobody can lack is none.
  const paths = parts.map(({ path }) => path).filter((path) => path !== 'active');
  return [
    finding(about, `nobody is taken without ${parts.map(({ path }) => path).join(', ')}: ${refusal}`, {
      holds: { needs: ['userName', ...paths] },
    }),
  ];
}

/** Makes one more person, with the least that is needed. @returns undefined where that fails, which is noted */
export async function another(ground: Ground, { least }: Newcomer, more: Body = {}): Promise<Canary | undefined> {
  const { canary, reply } = await ground.create('User', (name) => person(name, { ...least(name), ...more }));
  if (canary === undefined) ground.book.note(undecided(about, `one more person could not be made: ${sentence(reply)}`));
  return canary;
}
