import { readdirSync, rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { byId, company, hire, leave, rehire, withoutReports, type Company } from './company.ts';
import { configuration, credulous, expectCode, operations, target } from './setup.ts';
import type { LogLine, RealApplication } from './real-application.ts';
import { desk, type Run } from './scimsync.ts';
import { expectedState, type State } from './state.ts';

/** Something that HR reports, and what the command line and the application did about it. */
export interface Chapter {
  /** The company as it was then. */
  readonly made: Company;
  readonly run: Run;
  readonly log: readonly LogLine[];
  readonly state: State;
  /** What a second pass, before which nothing happened, asked the application. */
  readonly again: readonly LogLine[];
}

export interface RealLife {
  readonly made: Company;
  /** @param title one of `happenings` */
  chapter(title: string): Chapter;
  /** What comes after them. @param settings of the target, from now on */
  next(settings?: Readonly<Record<string, unknown>>): Promise<Chapter>;
  /** As if somebody had deleted the state file. */
  forget(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Each is told in a company of 30 with 5 teams, in this order. */
const stories: Readonly<Record<string, (made: Company) => void>> = {
  'joiners, and teams of them': () => undefined,
  'movers, leavers, joiners, other memberships, a renamed team'(made) {
    for (const { id } of withoutReports(made, 2)) leave(made, id);
    for (let turn = 0; turn < 3; turn += 1) hire(made);
    Object.assign(byId(made, 'e00003'), {
      title: 'Astronaut',
      department: 'Space',
      familyName: 'Ünal "the" Great',
      userName: 'moon@corp.example',
    });
    Object.assign(made.teams.get('t1') ?? {}, { displayName: 'Renamed' });
    const [first, second] = [made.teams.get('t3'), made.teams.get('t4')];
    if (first === undefined || second === undefined) throw new Error('no teams');
    for (const member of [...first.members].slice(0, 3)) {
      first.members.delete(member);
      second.members.add(member);
    }
  },
  'a rehire, with her teams; another manager; a name and a title of which one is gone'(made) {
    const [one] = made.left.keys();
    rehire(made, one ?? '', ['t1', 't2']);
    byId(made, 'e00004').manager = 'e00020';
    byId(made, 'e00005').manager = undefined;
    Object.assign(byId(made, 'e00006'), { title: undefined, givenName: 'Zoë' });
  },
  'another e-mail address, in capitals'(made) {
    byId(made, 'e00007').email = 'Seven@Mail.Corp.Example';
  },
  'a team that is gone, and everybody of another'(made) {
    made.teams.delete('t5');
    made.teams.get('t4')?.members.clear();
  },
};

export const happenings = Object.keys(stories);

/** As HR has it, for applications that write e-mail addresses in small letters. */
export function inLowerCase({ users, groups }: State): State {
  return {
    users: Object.fromEntries(
      Object.entries(users).map(([id, user]) => [id, { ...user, email: String(user.email).toLowerCase() }]),
    ),
    groups,
  };
}

/**
 * Tells it, one pass for each happening and one for none.
 * @param titles of what happens
 */
export async function realLife(
  application: RealApplication,
  profile: unknown,
  titles: readonly string[] = happenings,
): Promise<RealLife> {
  const at = desk({ APP_TOKEN: application.token });
  const made = company(151, 30, 5);
  const chapters = new Map<string, Chapter>();
  let asked = 0;
  const pass = async (): Promise<{ readonly run: Run; readonly log: readonly LogLine[] }> => {
    const run = await at.run('sync', '--json');
    const log = await application.log();
    const news = log.slice(asked);
    asked = log.length;
    return { run, log: news };
  };
  const next: RealLife['next'] = async (settings) => {
    at.configure(
      configuration([target(application.url, { profile, guard: { maxRemovals: '100%' }, ...settings })], credulous),
    );
    at.export(made);
    const { run, log } = await pass();
    const then = {
      ...structuredClone({ people: made.people, teams: made.teams, left: made.left, hired: made.hired }),
      random: made.random,
    };
    return { made: then, run, log, state: await application.state(), again: (await pass()).log };
  };
  for (const title of titles) {
    stories[title]?.(made);
    chapters.set(title, await next());
  }
  return {
    made,
    next,
    chapter(title) {
      const found = chapters.get(title);
      if (found === undefined) throw new Error(`nothing is told of "${title}"`);
      return found;
    },
    forget: () =>
      readdirSync(at.folder)
        .filter((file) => file.startsWith('scimsync.db'))
        .forEach((file) => rmSync(at.path(file))),
    [Symbol.asyncDispose]: () => at[Symbol.asyncDispose](),
  };
}

/** What an application keeps of what HR has. */
export type AsKept = (state: State) => State;

export const same: AsKept = (state) => state;

/** Tests that a company lives at it, and that whoever is deleted is gone and may come back. @param given the life, once it is told */
export function testLife(given: () => RealLife, asKept: AsKept): void {
  test.each(happenings)('%s', (title) => {
    const chapter = given().chapter(title);
    expectCode(chapter.run, 0);
    expect(undone(chapter)).toEqual([]);
    expect(chapter.state).toEqual(asKept(expectedState(chapter.made)));
    expect(requests(chapter.again)).toEqual([]);
  });

  test('who is deleted is gone from every team, and may come back', async () => {
    const life = given();
    const deleting = { leavers: { action: 'delete' } };
    const [one] = withoutReports(life.made, 1);
    if (one === undefined) throw new Error('nobody');
    leave(life.made, one.id);
    const gone = await life.next(deleting);
    expectCode(gone.run, 0);
    expect(gone.state).toEqual(asKept(expectedState(life.made, 'delete')));
    expect(requests(gone.again)).toEqual([]);

    rehire(life.made, one.id, ['t1']);
    const back = await life.next(deleting);
    expectCode(back.run, 0);
    expect(back.state).toEqual(asKept(expectedState(life.made, 'delete')));
    expect(requests(back.again)).toEqual([]);
  });
}

/** Operations that did not end well, with what was said about them. */
export const undone = ({ run }: Chapter): readonly string[] =>
  operations(run)
    .filter(({ outcome }) => outcome !== 'done')
    .map(
      (line) =>
        `${String(line['action'])} ${String(line['name'])}: ${String(line['outcome'])}: ${String(line['detail'])}`,
    );

/** As "PATCH 200 /Users/…", without ids. */
export const requests = (log: readonly LogLine[]): readonly string[] =>
  log.map(
    ({ method, url }) =>
      `${method} ${url.replace(/.*\/(?=(Users|Groups|ServiceProviderConfig))/, '/').replace(/(?<=Users\/|Groups\/).*/, 'x')}`,
  );
