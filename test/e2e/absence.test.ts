import { describe, expect, jest, test } from '@jest/globals';
import { byId, createCompany, leave, peopleWithoutReports } from '../world/company.ts';
import {
  countRequests,
  createFixture,
  drainLog,
  expectExitCode,
  operationLines,
  summaryLines,
  writes,
  type Fixture,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { LogEntry, StrictOptions } from '../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

/** Deletes accounts at the target, without scimsync. */
function deleteAtTarget({ server }: Fixture, keys: readonly string[]): void {
  for (const [id, { data }] of [...server.users])
    if (keys.includes(String(data['externalId']))) server.remove('User', id);
}

describe('a 404 to a known account', () => {
  test('to one change leaves the account known, and it is closed when its person leaves', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(201, 20, 2);
    expectExitCode(await fixture.pass(company), 0);
    const [person] = peopleWithoutReports(company, 1);
    if (person === undefined) throw new Error('no person without reports');
    person.title = 'Mover';
    fixture.server.options.fault = ({ method }) => (method === 'PATCH' ? { status: 404 } : undefined);
    expectExitCode(await fixture.pass(company), 1);
    fixture.server.options.fault = undefined;
    leave(company, person.id);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state().users[person.id]).toMatchObject({ active: false });
    expect(fixture.state().groups).toEqual(expectedState(company).groups);
  });

  test.each(['deactivate', 'delete'] as const)('to everything loses no leaver (%s)', async (action) => {
    await using fixture = await createFixture({ inProcess: true, target: { leavers: { action } } });
    const company = createCompany(202, 60);
    expectExitCode(await fixture.pass(company), 0);
    const leavers = peopleWithoutReports(company, 10);
    for (const { id } of leavers) leave(company, id);
    drainLog(fixture.server);
    fixture.server.options.fault = () => ({ status: 404 });
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    // The target is left alone after the same answer to a few accounts.
    expect(drainLog(fixture.server).length).toBeLessThan(60);
    expect(summaryLines(run)[0]).toMatchObject({ unavailable: expect.stringContaining('receives no more requests') });
    fixture.server.options.fault = undefined;
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company, action));
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });
});

describe('accounts that were deleted at the target', () => {
  test('are created again, as members of their groups, and a leaver among them is done', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(203, 30, 3);
    expectExitCode(await fixture.pass(company), 0);
    const [mover, leaver] = peopleWithoutReports(company, 2);
    if (mover === undefined || leaver === undefined) throw new Error('two people without reports are needed');
    deleteAtTarget(fixture, [mover.id, leaver.id]);
    mover.title = 'Mover';
    leave(company, leaver.id);
    const run = await fixture.pass(company);
    expect(operationLines(run).find(({ key }) => key === leaver.id)).toMatchObject({
      outcome: 'done',
      detail: 'already gone, confirmed by look-up',
    });
    expectExitCode(await fixture.pass(company), 0);
    const { users, groups } = fixture.state();
    const expected = expectedState(company, 'delete');
    expect(users).toEqual(expected.users);
    // This server keeps the ids of deleted users as members.
    const members = (group: { readonly members: readonly string[] }): readonly string[] =>
      group.members.filter((member) => !member.startsWith('dangling'));
    expect(Object.values(groups).map(members)).toEqual(Object.values(expected.groups).map(members));
  });

  test('above the limit are held, and nothing is created again without an approval', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(204, 60);
    expectExitCode(await fixture.pass(company), 0);
    const lost = peopleWithoutReports(company, 12).map(({ id }) => id);
    deleteAtTarget(fixture, lost);
    for (const id of lost) byId(company, id).title = 'Mover';
    expectExitCode(await fixture.pass(company), 1);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 3);
    expect(countRequests(drainLog(fixture.server), 'POST', '/Users')).toBe(0);
    expectExitCode(await fixture.pass(company, '--allow-removals', '12'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });
});

describe('at a target without a usable filter, a complete list proves what is missing', () => {
  const isSearch = ({ method, query }: LogEntry): boolean => method === 'GET' && query.includes('filter=');
  const isListing = (entry: LogEntry): boolean =>
    entry.method === 'GET' && entry.path === '/Users' && !isSearch(entry) && entry.query.includes('startIndex');

  test.each<[string, StrictOptions]>([
    ['filters are ignored', { ignoreFilters: true }],
    ['filters are refused', { fault: (entry) => (isSearch(entry) ? { status: 400 } : undefined) }],
    ['searches are answered 404', { fault: (entry) => (isSearch(entry) ? { status: 404 } : undefined) }],
  ])('%s', async (_, options) => {
    await using fixture = await createFixture({
      inProcess: true,
      server: { pageLimit: 20, ...options },
      target: { leavers: { action: 'delete' }, guard: { maxRemovals: '50%' } },
    });
    const company = createCompany(208, 60, 2);
    expectExitCode(await fixture.pass(company), 0);
    const lost = peopleWithoutReports(company, 8);
    deleteAtTarget(
      fixture,
      lost.map(({ id }) => id),
    );
    for (const one of lost.slice(0, 4)) leave(company, one.id);
    for (const one of lost.slice(4)) one.title = 'Mover';
    drainLog(fixture.server);
    const run = await fixture.pass(company);
    // 52 accounts in pages of 20, and one page more after the last one.
    expect(drainLog(fixture.server).filter(isListing).length).toBeLessThanOrEqual(4);
    const leavers = operationLines(run).filter(({ action }) => action === 'delete');
    expect(leavers.map(({ outcome, evidence }) => [outcome, evidence])).toEqual(
      Array.from({ length: 4 }, () => ['done', 'read']),
    );
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state().users).toEqual(expectedState(company, 'delete').users);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('a list that is not complete proves nothing', async () => {
    await using fixture = await createFixture({ inProcess: true, server: { ignoreFilters: true } });
    const company = createCompany(209, 20);
    expectExitCode(await fixture.pass(company), 0);
    const [leaver] = peopleWithoutReports(company, 1);
    if (leaver === undefined) throw new Error('no person without reports');
    deleteAtTarget(fixture, [leaver.id]);
    leave(company, leaver.id);
    fixture.server.options.fault = (entry) => (isListing(entry) ? { status: 403 } : undefined);
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    expect(operationLines(run).find(({ key }) => key === leaver.id)).toMatchObject({ outcome: 'failed' });
    fixture.server.options.fault = undefined;
    expectExitCode(await fixture.pass(company), 0);
  });
});

test('a leaver whose deletion is refused is deactivated, and the deletion is not sent in each pass', async () => {
  await using fixture = await createFixture({
    inProcess: true,
    target: { leavers: { action: 'delete' } },
    server: { fault: ({ method }) => (method === 'DELETE' ? { status: 405 } : undefined) },
  });
  const company = createCompany(205, 20, 2);
  expectExitCode(await fixture.pass(company), 0);
  for (const { id } of peopleWithoutReports(company, 3)) leave(company, id);
  const run = await fixture.pass(company);
  expectExitCode(run, 0);
  expect(operationLines(run).map(({ detail }) => detail)).toContainEqual(
    expect.stringContaining('so it was deactivated'),
  );
  expect(fixture.state()).toEqual(expectedState(company));
  drainLog(fixture.server);
  expectExitCode(await fixture.pass(company, '--full'), 0);
  expect(writes(drainLog(fixture.server))).toEqual([]);
});

test('a create without an answer is sent again only by the next pass', async () => {
  await using fixture = await createFixture({
    inProcess: true,
    server: {
      fault: ({ method, body }) =>
        method === 'POST' && JSON.stringify(body).includes('p7@') ? 'dropBefore' : undefined,
    },
  });
  const company = createCompany(206, 15);
  expectExitCode(await fixture.pass(company), 1);
  const posts = drainLog(fixture.server).filter(
    ({ method, body }) => method === 'POST' && JSON.stringify(body).includes('p7@'),
  );
  expect(posts).toHaveLength(1);
  fixture.server.options.fault = undefined;
  expectExitCode(await fixture.pass(company), 0);
  expect(fixture.state()).toEqual(expectedState(company));
});

test('a deletion that took effect without an answer ends as done, confirmed by read', async () => {
  await using fixture = await createFixture({ target: { leavers: { action: 'delete' } } });
  const company = createCompany(207, 12, 2);
  expectExitCode(await fixture.pass(company), 0);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('no person without reports');
  leave(company, leaver.id);
  fixture.server.options.fault = ({ method }) => (method === 'DELETE' ? 'dropAfter' : undefined);
  expectExitCode(await fixture.pass(company), 1);
  fixture.server.options.fault = undefined;
  expectExitCode(await fixture.pass(company), 0);
  const { lines } = await fixture.cli.run('history', '--user', leaver.id, '--json');
  const deletions = lines.filter(({ action }) => action === 'delete');
  expect(deletions.map(({ outcome, evidence }) => [outcome, evidence])).toEqual([
    ['done', 'read'],
    ['done', 'read'],
  ]);
  expect(deletions[0]).toMatchObject({ status: null, detail: expect.stringContaining('confirmed by read in pass 3') });
});
