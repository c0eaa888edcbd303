import { describe, expect, test } from '@jest/globals';
import { createFaultSelector, type Fault, type FaultInput } from '../../src/sandbox/faults/faults.ts';
import { createSkippingClock } from '../world/skipping-clock.ts';
import { patchOf, startTestSandbox, user } from './test-sandbox.ts';

describe('selection of faults', () => {
  const post: FaultInput = { method: 'POST', path: '/Users', query: '', text: '{"userName":"ada"}' };
  const get: FaultInput = { method: 'GET', path: '/Users/1', query: 'filter=userName eq "ada"', text: '' };
  const subjects = [post, get, post, get, post, post];

  test.each<[Partial<Fault>, string]>([
    [{}, 'xxxxxx'],
    [{ times: 2 }, 'xx....'],
    [{ match: { method: 'post' } }, 'x.x.xx'],
    [{ match: { path: '^/Users/' } }, '.x.x..'],
    [{ match: { query: 'userName eq' } }, '.x.x..'],
    [{ match: { body: '"ada"' } }, 'x.x.xx'],
    [{ match: { method: 'POST', nth: 2 } }, '..x...'],
    [{ match: { method: 'POST', every: 2 } }, '..x..x'],
    [{ match: { method: 'POST', every: 2 }, times: 1 }, '..x...'],
    [{ match: { method: 'PATCH' } }, '......'],
    [{ match: { probability: 0.5 } }, 'x.x.x.'],
  ])('%j: %s', (given, expected) => {
    let calls = 0;
    const selectFault = createFaultSelector(() => (calls++ % 2 === 0 ? 0.4 : 0.6));
    const faults = [{ do: 'dropBefore', ...given } as Fault];
    expect(subjects.map((subject) => (selectFault(faults, subject).effect === undefined ? '.' : 'x')).join('')).toBe(
      expected,
    );
  });

  test('delays add up, and the first other effect applies; each fault counts on its own', () => {
    const selectFault = createFaultSelector(() => 0);
    const faults: Fault[] = [
      { do: 'delay', ms: 5 },
      { do: 'dropAfter', times: 1 },
      { do: 'delay', ms: 7, match: { nth: 2 } },
      { do: 'errorAfter', times: 1 },
    ];
    expect(selectFault(faults, post)).toEqual({ delay: 5, effect: faults[1] });
    expect(selectFault(faults, post)).toEqual({ delay: 12, effect: faults[3] });
    expect(selectFault(faults, post)).toEqual({ delay: 5 });
  });
});

describe('effects of faults', () => {
  test('status: returns status, headers and body without executing the request', async () => {
    const { sandbox, call } = await startTestSandbox({
      faults: [{ do: 'status', status: 503, headers: { 'Retry-After': '7' }, times: 1 }],
    });
    const refused = await call('POST', '/Users', user('ada'));
    expect(refused).toMatchObject({ status: 503, body: { status: '503' } });
    expect(refused.headers.get('retry-after')).toBe('7');
    expect(sandbox.users()).toEqual([]);
    expect((await call('POST', '/Users', user('ada'))).status).toBe(201);
    expect(sandbox.log).toMatchObject([{ status: 503, fault: 'status' }, { status: 201 }]);
    sandbox.faults = [
      { do: 'status', status: 400, body: 'no', times: 1 },
      { do: 'status', status: 409, body: { errors: [] } },
    ];
    expect(await call('GET', '/Users')).toMatchObject({ status: 400, body: 'no' });
    expect(await call('GET', '/Users')).toMatchObject({ status: 409, body: { errors: [] } });
  });

  test('dropBefore: no response, the request is not executed', async () => {
    const { sandbox, call } = await startTestSandbox({ faults: [{ do: 'dropBefore', match: { method: 'POST' } }] });
    await expect(call('POST', '/Users', user('ada'))).rejects.toThrow();
    expect(sandbox.users()).toEqual([]);
    expect(sandbox.log).toMatchObject([{ method: 'POST', status: 0, fault: 'dropBefore', body: user('ada') }]);
  });

  test('dropAfter: no response, but the request is executed', async () => {
    const { sandbox, call } = await startTestSandbox({ faults: [{ do: 'dropAfter', match: { method: 'POST' } }] });
    await expect(call('POST', '/Users', user('ada'))).rejects.toThrow();
    expect(sandbox.users()).toMatchObject([{ userName: 'ada' }]);
    expect(sandbox.log).toMatchObject([{ status: 0, fault: 'dropAfter', response: { userName: 'ada' } }]);
  });

  test('errorAfter: 500, but the request is executed', async () => {
    const { sandbox, call } = await startTestSandbox({ faults: [{ do: 'errorAfter' }] });
    expect((await call('POST', '/Users', user('ada'))).status).toBe(500);
    expect(sandbox.users()).toMatchObject([{ userName: 'ada' }]);
  });

  test('delay: the request is executed after the delay and the latency', async () => {
    const clock = createSkippingClock();
    const startedAt = clock.now();
    const { sandbox, call } = await startTestSandbox({ clock, faults: [{ do: 'delay', ms: 80 }], latencyMs: 20 });
    expect((await call('POST', '/Users', user('ada'))).status).toBe(201);
    expect(clock.now() - startedAt).toBe(100);
    expect(sandbox.log[0]?.status).toBe(201);
  });

  test('ignoreFilter: all users are returned', async () => {
    const { sandbox, call } = await startTestSandbox({ faults: [{ do: 'ignoreFilter', match: { query: 'filter=' } }] });
    sandbox.seed({ users: [{ userName: 'ada' }, { userName: 'eve' }] });
    expect((await call('GET', '/Users?filter=userName%20eq%20%22unknown%22')).body.totalResults).toBe(2);
  });

  test('truncateList: fewer rows than totalResults', async () => {
    const { sandbox, call } = await startTestSandbox({
      faults: [
        { do: 'truncateList', times: 1 },
        { do: 'truncateList', keep: 0 },
      ],
    });
    sandbox.seed({ users: [{ userName: 'a' }, { userName: 'b' }, { userName: 'c' }] });
    expect((await call('GET', '/Users')).body).toMatchObject({
      totalResults: 3,
      itemsPerPage: 1,
      Resources: [{ userName: 'a' }],
    });
    expect((await call('GET', '/Users')).body).toMatchObject({ totalResults: 3, itemsPerPage: 0, Resources: [] });
  });

  test('html200: an HTML page', async () => {
    const { sandbox, call } = await startTestSandbox({ faults: [{ do: 'html200' }] });
    const { status, headers, body } = await call('POST', '/Users', user('ada'));
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(body).toContain('<!doctype html>');
    expect(sandbox.users()).toEqual([]);
  });

  test('the list of faults can be modified in place', async () => {
    const { sandbox, call } = await startTestSandbox();
    sandbox.seed({ users: [{ id: 'ada', userName: 'ada' }] });
    sandbox.faults.push({ do: 'status', status: 502, match: { method: 'PATCH' } });
    expect((await call('PATCH', '/Users/ada', patchOf({ op: 'remove', path: 'title' }))).status).toBe(502);
    sandbox.faults.pop();
    expect((await call('PATCH', '/Users/ada', patchOf({ op: 'remove', path: 'title' }))).status).toBe(200);
  });

  test('close does not wait for delayed requests', async () => {
    const { sandbox, call } = await startTestSandbox({ faults: [{ do: 'delay', ms: 60_000 }] });
    const dropped = expect(call('GET', '/Users')).rejects.toThrow();
    while (sandbox.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await sandbox.close();
    await dropped;
  });
});
