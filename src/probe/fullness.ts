import { managerPath } from '../model/path.ts';
import type { Body } from '../model/resource.ts';
import { readBody } from '../model/shape.ts';
import { decide, sentence } from '../scim/response.ts';
import type { Newcomer } from './creation.ts';
import { finding, undecided } from './finding.ts';
import type { Ground } from './ground.ts';
import { judgeKeeping, shownOf } from './keeping.ts';
import type { Canary } from './ledger.ts';
import { mixed, person, richly, workMail } from './person.ts';

/** A person who brought everything that the application takes. */
export interface Rich {
  readonly canary: Canary;
  /** As it was sent, userName included. */
  readonly sent: Body;
  /** As a read shows it. */
  readonly kept: Body;
}

/** Makes a person with everything that mappings send, and sees what is taken and kept of it. */
export async function fullPerson(ground: Ground, newcomer: Newcomer): Promise<Rich | undefined> {
  const manager = newcomer.canary.id;
  let bring: Bring = (name) => richly(name, manager, mixed(`mail.${name}`));
  let sifted = await sift(ground, newcomer, bring);
  if (sifted.refused.includes(workMail)) {
    // Some take no address but the userName itself.
    bring = (name) => richly(name, manager, mixed(name));
    const again = await sift(ground, newcomer, bring);
    if (!again.refused.includes(workMail)) ground.book.note(finding('keeps', 'the first address must be the userName'));
    sifted = again;
  }
  const { taken, refused, canary } = sifted;
  if (canary === undefined) {
    ground.book.note(undecided('keeps', 'nobody with more attributes could be made'));
    return undefined;
  }
  const sent: Body = {
    userName: mixed(canary.name),
    ...newcomer.least(canary.name),
    ...only(bring(canary.name), taken),
  };
  const reply = await ground.readUntil(canary, (body) => Object.keys(readBody(body, ['userName', 'id'])).length > 0);
  if (decide(reply) !== 'accept') {
    ground.book.note(undecided('keeps', `a person who was just made cannot be read: ${sentence(reply)}`));
    return { canary, sent, kept: {} };
  }
  const shown = shownOf(reply.body, sent);
  ground.book.note(...judgeKeeping(sent, shown, refused, ground.book.profile().holds));
  return { canary, sent, kept: shown.kept };
}

/** What a person of that name brings. */
type Bring = (name: string) => Body;

interface Sifted {
  readonly taken: readonly string[];
  readonly refused: readonly string[];
  readonly canary?: Canary;
}

/** Halves what is refused until what must not be sent is left: a few requests for one bad attribute, none more where all is taken. */
async function sift(ground: Ground, newcomer: Newcomer, bring: Bring): Promise<Sifted> {
  const make = async (paths: readonly string[]): Promise<Canary | undefined> => {
    const { canary } = await ground.create('User', (name) =>
      person(mixed(name), { ...newcomer.least(name), ...only(bring(name), paths) }),
    );
    return canary;
  };
  const paths = Object.keys(bring('x'));
  const first = await make(paths);
  if (first !== undefined) return { taken: paths, refused: [], canary: first };
  const refused = await refusedOf(make, paths);
  const taken = paths.filter((path) => !refused.includes(path));
  if (refused.includes(managerPath)) await managerAsText(ground, newcomer);
  const canary = await make(taken);
  return { taken, refused, ...(canary === undefined ? {} : { canary }) };
}

/** @param paths refused together */
async function refusedOf(
  make: (paths: readonly string[]) => Promise<Canary | undefined>,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length <= 1) return paths;
  const refused: string[] = [];
  const middle = Math.ceil(paths.length / 2);
  for (const half of [paths.slice(0, middle), paths.slice(middle)]) {
    if ((await make(half)) === undefined) refused.push(...(await refusedOf(make, half)));
  }
  return refused;
}

/** Some take a manager as the id alone. */
async function managerAsText(ground: Ground, newcomer: Newcomer): Promise<void> {
  const { canary } = await ground.create('User', (name) =>
    person(name, { ...newcomer.least(name), [managerPath.replace(/\.value$/, '')]: newcomer.canary.id }),
  );
  if (canary === undefined) return;
  const { [managerPath]: kept } = readBody((await ground.read(canary)).body, [managerPath]);
  if (kept === newcomer.canary.id)
    ground.book.note(
      finding('keeps', 'a manager is taken as the id alone, not as a reference', { speaks: { manager: 'text' } }),
    );
}

/** A companion goes with its value: `primary` is no attribute of its own. */
function only(body: Body, paths: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([path]) => paths.includes(path)));
}
