import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, byId, company, leave, rehire, withoutReports, type Company } from '../world/company.ts';
import { credulous, expectCode, taken, world, type World } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import type { Fault, StrictOptions } from '../world/strict-server.ts';

jest.setTimeout(90_000);

interface Change {
  readonly make: (made: Company) => void;
  readonly unmake: (made: Company) => void;
}

const changes: Readonly<Record<string, Change>> = {
  'a title': {
    make: (made) => void (byId(made, 'e00003').title = 'New'),
    unmake: (made) => void (byId(made, 'e00003').title = 'Old'),
  },
  'a userName': {
    make: (made) => void (byId(made, 'e00003').userName = 'n@x.example'),
    unmake: (made) => void (byId(made, 'e00003').userName = 'p3@corp.example'),
  },
  'somebody into a team': {
    make: (made) => void made.teams.get('crew')?.members.add('e00003'),
    unmake: (made) => void made.teams.get('crew')?.members.delete('e00003'),
  },
  'somebody out of a team': {
    make: (made) => void made.teams.get('crew')?.members.delete('e00001'),
    unmake: (made) => void made.teams.get('crew')?.members.add('e00001'),
  },
  "a team's name": { make: (made) => rename(made, 'New'), unmake: (made) => rename(made, 'Crew') },
  'a leaver': { make: (made) => void leave(made, 'e00009'), unmake: (made) => void rehire(made, 'e00009', ['crew']) },
};

function rename(made: Company, displayName: string): void {
  Object.assign(made.teams.get('crew') ?? {}, { displayName });
}

/** Nine people in one crew; nobody manages anybody. */
async function loaded(at: World): Promise<Company> {
  const made = company(161, 10);
  for (const person of made.people.values()) person.manager = undefined;
  byId(made, 'e00003').title = 'Old';
  addTeam(made, 'crew', 'Crew', ['e00001', 'e00002', 'e00009']);
  expectCode(await at.pass(made), 0);
  taken(at.server);
  return made;
}

async function inStep(at: World, made: Company): Promise<void> {
  expectCode(await at.pass(made), 0);
  expect(at.state()).toEqual(expectedState(made));
  taken(at.server);
  expectCode(await at.desk.run('sync'), 0);
  expect(taken(at.server)).toEqual([]);
}

describe('a change that took effect without an answer, and that HR then takes back, is taken back there too', () => {
  const kinds: Readonly<Record<string, StrictOptions>> = {
    PATCH: {},
    'If-Match': { etags: true, requireIfMatch: true },
    PUT: { patch: false },
  };
  const cases = Object.keys(changes).flatMap((what) => Object.keys(kinds).map((kind) => [what, kind] as const));

  test.concurrent.each(cases)('500 after the effect: %s (%s)', async (what, kind) => {
    await using at = await world({ source: credulous, server: { ...kinds[kind] } });
    const made = await loaded(at);
    at.server.options.fault = ({ method }): Fault | undefined =>
      method === 'GET' ? undefined : { status: 500, after: true };
    changes[what]?.make(made);
    // Whether somebody is a member after all, the group itself says.
    expectCode(await at.pass(made), what === 'somebody into a team' ? 0 : 1);
    at.server.options.fault = undefined;
    changes[what]?.unmake(made);
    await inStep(at, made);
  });

  test.concurrent.each(Object.keys(changes))(
    '500 after the effect, and the repetition is refused: %s',
    async (what) => {
      await using at = await world({ source: credulous });
      const made = await loaded(at);
      let asked = 0;
      at.server.options.fault = ({ method }): Fault | undefined =>
        method === 'GET' ? undefined : (asked += 1) % 2 === 1 ? { status: 500, after: true } : { status: 400 };
      changes[what]?.make(made);
      await at.pass(made);
      at.server.options.fault = undefined;
      changes[what]?.unmake(made);
      await inStep(at, made);
    },
  );

  test.concurrent.each(Object.keys(changes))('kill -9 before the answer: %s', async (what) => {
    await using at = await world({ source: credulous });
    const made = await loaded(at);
    changes[what]?.make(made);
    at.desk.export(made);
    const running = at.desk.start('sync');
    at.server.options.fault = ({ method }): Fault | undefined => {
      if (method === 'GET') return undefined;
      running.child.kill('SIGKILL');
      return 'dropAfter';
    };
    expect((await running.ended).signal).toBe('SIGKILL');
    at.server.options.fault = undefined;
    changes[what]?.unmake(made);
    await inStep(at, made);
  });
});

test('a membership whose end was refused once does not outlive its person', async () => {
  await using at = await world({ target: { leavers: { action: 'delete' } } });
  const made = company(162, 12, 2);
  expectCode(await at.pass(made), 0);
  at.server.options.fault = ({ method, path }): Fault | undefined =>
    method === 'PATCH' && path.startsWith('/Groups') ? { status: 400 } : undefined;
  leave(made, withoutReports(made, 1)[0]?.id ?? '');
  await at.pass(made);
  at.server.options.fault = undefined;
  await at.pass(made);
  expectCode(await at.pass(made), 0);
  expect(at.state()).toEqual(expectedState(made, 'delete'));
});
