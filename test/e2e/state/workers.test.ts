import { isDeepStrictEqual } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, type Company } from '../../world/company.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { describeWithPostgres } from '../../world/postgres/cluster.ts';
import { expectedState } from '../../world/state.ts';
import { waitUntil } from '../../world/wait-until.ts';
import type { LogEntry } from '../../world/strict-server/strict-server.ts';
import { createCrew, type Crew, type Worker } from './worker-crew.ts';

jest.setTimeout(120_000);

const size = 150;
/** Requests that a worker can have in flight when it is stopped: they may arrive when it goes on. */
const inFlight = 4;

/** Starts the first load with all workers. @returns the one that works */
async function startAll(crew: Crew): Promise<Worker> {
  for (const worker of crew.workers) worker.start();
  await waitUntil('accounts', () => crew.server.users.size > 10);
  await waitUntil('standbys', () => crew.workers.filter(isStandby).length === crew.workers.length - 1);
  const worker = crew.active();
  if (worker === undefined) throw new Error('no worker sent a request');
  return worker;
}

const isStandby = ({ daemon }: Worker): boolean => daemon.output().stderr.includes('standby: the worker is process');

/** Waits until another worker sends. @returns it */
async function takeover(crew: Crew, from: Worker): Promise<Worker> {
  const since = performance.now();
  const first = (): Worker | undefined => {
    const request = crew.server.log.find(({ client, receivedAt }) => client !== from.name && receivedAt > since);
    return crew.workers.find(({ name }) => name === request?.client);
  };
  await waitUntil(`takeover from ${from.name}`, () => first() !== undefined);
  return first() ?? from;
}

/** Whether the application has what it should have. */
function isLoaded(crew: Crew, company: Company): boolean {
  const plain = (state: object): unknown => JSON.parse(JSON.stringify(state));
  return isDeepStrictEqual(plain(crew.state()), plain(expectedState(company)));
}

describeWithPostgres('workers', (cluster) => {
  test('take over from one that is stopped, killed or ended; one that goes on late sends nothing more', async () => {
    await using crew = await createCrew(cluster(), 'workers');
    const company = createCompany(21, size, 2);
    crew.export(company);
    const stopped = await startAll(crew);
    const status = await crew.run('status');
    expect(status.stdout).toMatch(/Worker: process \d+ on .*\nStandby: process \d+ on .*\nStandby: process \d+ on /);
    stopped.daemon.child.kill('SIGSTOP');
    const killed = await takeover(crew, stopped);
    const sent = crew.requestsOf(stopped).length;
    stopped.daemon.child.kill('SIGCONT');
    await waitUntil('the first load', () => crew.server.users.size === size);
    expect(crew.requestsOf(stopped).length - sent).toBeLessThanOrEqual(inFlight);

    leave(company, 'e00002');
    hire(company);
    crew.export(company);
    killed.daemon.child.kill('SIGKILL');
    const ended = await takeover(crew, killed);
    await waitUntil('the leaver', () => crew.state().users['e00002']?.active === false);
    ended.daemon.child.kill('SIGTERM');
    expectExitCode(await ended.daemon.exited, 0);
    await takeover(crew, ended);
    await waitUntil('the joiner', () => crew.server.users.size === size + 1);
    await waitUntil('the rest', () => isLoaded(crew, company));
    const isCreated = ({ method, path, status }: LogEntry): boolean =>
      method === 'POST' && path === '/Users' && status === 201;
    expect(crew.server.log.filter(isCreated).length).toBe(size + 1);
  });
});
