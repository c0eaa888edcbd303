import { readdirSync, rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { byId, createCompany, hire, leave, rehire, peopleWithoutReports, type Company } from '../company.ts';
import { configuration, noSanityChecks, expectExitCode, operationLines, target } from '../fixture.ts';
import type { RequestLogEntry, ThirdPartyServer } from './server-process.ts';
import { createCliWorkspace, type CliResult } from '../cli-workspace.ts';
import { expectedState, type State } from '../state.ts';
import { unlimitedGuard } from '../limits.ts';

/** A change in the source, and the result of the pass that carried it out. */
export interface LifecycleStep {
  /** Copy of the company at that time. */
  readonly company: Company;
  readonly run: CliResult;
  readonly log: readonly RequestLogEntry[];
  readonly state: State;
  /** Requests of a second pass without changes in the source. */
  readonly secondPassLog: readonly RequestLogEntry[];
}

export interface ServerLifecycle {
  readonly company: Company;
  /** @param title one of `stepTitles` */
  step(title: string): LifecycleStep;
  /** Runs a further step. @param settings of the target from now on */
  runStep(settings?: Readonly<Record<string, unknown>>): Promise<LifecycleStep>;
  /** Deletes the state file. */
  deleteState(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Changes of a company of 30 people in 5 teams, carried out in this order. */
const stepChanges: Readonly<Record<string, (company: Company) => void>> = {
  'joiners and groups': () => undefined,
  'movers, leavers, joiners, changed memberships, a renamed group'(company) {
    for (const { id } of peopleWithoutReports(company, 2)) leave(company, id);
    for (let turn = 0; turn < 3; turn += 1) hire(company);
    Object.assign(byId(company, 'e00003'), {
      title: 'Astronaut',
      department: 'Space',
      familyName: 'Ünal "the" Great',
      userName: 'moon@corp.example',
    });
    Object.assign(company.teams.get('t1') ?? {}, { displayName: 'Renamed' });
    const [first, second] = [company.teams.get('t3'), company.teams.get('t4')];
    if (first === undefined || second === undefined) throw new Error('no teams');
    for (const member of [...first.members].slice(0, 3)) {
      first.members.delete(member);
      second.members.add(member);
    }
  },
  'a rehire with her groups, changed and removed managers, a changed name, a removed title'(company) {
    const [leaverId] = company.leavers.keys();
    rehire(company, leaverId ?? '', ['t1', 't2']);
    byId(company, 'e00004').manager = 'e00020';
    byId(company, 'e00005').manager = undefined;
    Object.assign(byId(company, 'e00006'), { title: undefined, givenName: 'Zoë' });
  },
  'an e-mail address with capital letters'(company) {
    byId(company, 'e00007').email = 'Seven@Mail.Corp.Example';
  },
  'a deleted group, and a group without its members'(company) {
    company.teams.delete('t5');
    company.teams.get('t4')?.members.clear();
  },
};

export const stepTitles = Object.keys(stepChanges);

/** The expected state at applications that convert e-mail addresses to lower case. */
export function withLowerCaseEmails({ users, groups }: State): State {
  return {
    users: Object.fromEntries(
      Object.entries(users).map(([id, user]) => [id, { ...user, email: String(user.email).toLowerCase() }]),
    ),
    groups,
  };
}

/**
 * Runs two passes for each step: one with the change, and one without a change.
 * @param titles of the steps
 */
export async function runServerLifecycle(
  application: ThirdPartyServer,
  profile: unknown,
  titles: readonly string[] = stepTitles,
): Promise<ServerLifecycle> {
  const cli = createCliWorkspace({ APP_TOKEN: application.token });
  const company = createCompany(151, 30, 5);
  const steps = new Map<string, LifecycleStep>();
  let requestCount = 0;
  const pass = async (): Promise<{ readonly run: CliResult; readonly log: readonly RequestLogEntry[] }> => {
    const run = await cli.run('sync', '--json');
    const log = await application.log();
    const newRequests = log.slice(requestCount);
    requestCount = log.length;
    return { run, log: newRequests };
  };
  const runStep: ServerLifecycle['runStep'] = async (settings) => {
    cli.configure(
      configuration(
        [target(application.url, { profile, guard: unlimitedGuard, leavers: { groups: 'delete' }, ...settings })],
        noSanityChecks,
      ),
    );
    cli.export(company);
    const { run, log } = await pass();
    const companyNow = {
      ...structuredClone({
        people: company.people,
        teams: company.teams,
        leavers: company.leavers,
        hireCount: company.hireCount,
      }),
      random: company.random,
    };
    return { company: companyNow, run, log, state: await application.state(), secondPassLog: (await pass()).log };
  };
  for (const title of titles) {
    stepChanges[title]?.(company);
    steps.set(title, await runStep());
  }
  return {
    company,
    runStep,
    step(title) {
      const step = steps.get(title);
      if (step === undefined) throw new Error(`there is no step "${title}"`);
      return step;
    },
    deleteState: () =>
      readdirSync(cli.folder)
        .filter((file) => file.startsWith('scimsync.db'))
        .forEach((file) => rmSync(cli.path(file))),
    [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose](),
  };
}

/** The state that an application stores for a state of the source. */
export type ToStoredState = (state: State) => State;

export const asIs: ToStoredState = (state) => state;

/**
 * Tests the result of each step, and that a deleted user can be created again.
 * @param getLifecycle returns the lifecycle after it has run
 */
export function testServerLifecycle(getLifecycle: () => ServerLifecycle, toStoredState: ToStoredState): void {
  test.each(stepTitles)('%s', (title) => {
    const step = getLifecycle().step(title);
    expectExitCode(step.run, 0);
    expect(unsuccessfulOperations(step)).toEqual([]);
    expect(step.state).toEqual(toStoredState(expectedState(step.company)));
    expect(requestLines(step.secondPassLog)).toEqual([]);
  });

  test('a deleted user is in no group, and can be created again', async () => {
    const lifecycle = getLifecycle();
    const deleteSettings = { leavers: { action: 'delete' } };
    const [leaver] = peopleWithoutReports(lifecycle.company, 1);
    if (leaver === undefined) throw new Error('there is no such person');
    leave(lifecycle.company, leaver.id);
    const afterDelete = await lifecycle.runStep(deleteSettings);
    expectExitCode(afterDelete.run, 0);
    expect(afterDelete.state).toEqual(toStoredState(expectedState(lifecycle.company, 'delete')));
    expect(requestLines(afterDelete.secondPassLog)).toEqual([]);

    rehire(lifecycle.company, leaver.id, ['t1']);
    const afterRehire = await lifecycle.runStep(deleteSettings);
    expectExitCode(afterRehire.run, 0);
    expect(afterRehire.state).toEqual(toStoredState(expectedState(lifecycle.company, 'delete')));
    expect(requestLines(afterRehire.secondPassLog)).toEqual([]);
  });
}

/** Operations with another outcome than done, as "action name: outcome: detail". */
export const unsuccessfulOperations = ({ run }: LifecycleStep): readonly string[] =>
  operationLines(run)
    .filter(({ outcome }) => outcome !== 'done')
    .map(
      (line) =>
        `${String(line['action'])} ${String(line['name'])}: ${String(line['outcome'])}: ${String(line['detail'])}`,
    );

/** Requests as "PATCH /Users/x", without ids. */
export const requestLines = (log: readonly RequestLogEntry[]): readonly string[] =>
  log.map(({ method, url }) => {
    const path = url.replace(/.*\/(?=(Users|Groups|ServiceProviderConfig))/, '/');
    return `${method} ${path.replace(/(?<=Users\/|Groups\/).*/, 'x')}`;
  });
