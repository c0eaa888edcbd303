import { request } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { startSandbox, rehearsalNotice } from '../../src/sandbox/sandbox.ts';
import { realClock, startTestSandbox, token, user, type Call } from './test-sandbox.ts';

const json = { 'content-type': 'application/json', authorization: '' };

const post = (call: Call, path: string, body: unknown): ReturnType<Call> => call('POST', path, body, json);

describe('control endpoints', () => {
  test('seed resources, return the state and the log, and clear the log', async () => {
    const { sandbox, call } = await startTestSandbox({ label: 'Acme' });
    const seeded = await post(call, '/_sandbox/seed', {
      users: [{ userName: 'ada' }],
      groups: [{ displayName: 'team' }],
    });
    expect(seeded).toMatchObject({
      status: 201,
      body: { users: [{ userName: 'ada', active: true }], groups: [{ displayName: 'team' }] },
    });
    await call('POST', '/Users', user('eve'));
    await call('GET', '/Users?count=1');
    const state = await call('GET', '/_sandbox/state', undefined, { authorization: '' });
    expect(state.body).toMatchObject({
      label: 'Acme',
      url: sandbox.url,
      requests: 2,
      users: [{ userName: 'ada' }, { userName: 'eve' }],
      groups: [{ displayName: 'team' }],
      faults: [],
    });
    const log = await call('GET', '/_sandbox/log', undefined, { authorization: '' });
    expect(log.body).toMatchObject([
      {
        method: 'POST',
        path: '/Users',
        query: '',
        status: 201,
        body: { userName: 'eve' },
        response: { userName: 'eve' },
      },
      { method: 'GET', path: '/Users', query: 'count=1', status: 200, response: { totalResults: 2 } },
    ]);
    expect((await call('DELETE', '/_sandbox/log')).status).toBe(204);
    expect(sandbox.log).toEqual([]);
  });

  test('set faults', async () => {
    const { sandbox, call } = await startTestSandbox();
    const faults = [
      { do: 'status', status: 500, times: 1, match: { method: 'GET', path: '^/Users$' } },
      { do: 'delay', ms: 0 },
    ];
    expect((await post(call, '/_sandbox/faults', faults)).status).toBe(204);
    expect(sandbox.faults).toEqual(faults);
    expect((await call('GET', '/Users')).status).toBe(500);
    expect((await call('GET', '/Users')).status).toBe(200);
    await post(call, '/_sandbox/faults', []);
    expect(sandbox.faults).toEqual([]);
  });

  test.each<[unknown, string]>([
    [{ do: 'html200' }, 'an array'],
    [['html200'], 'faults[0] must be an object'],
    [[{ do: 'explode' }], 'faults[0].do must be one of status, dropBefore'],
    [[{ do: 'html200' }, { do: 'status' }], 'faults[1].status is missing'],
    [[{ do: 'delay' }], 'faults[0].ms is missing'],
    [[{ do: 'delay', ms: -1 }], 'faults[0].ms must be a number'],
    [[{ do: 'html200', ms: 5 }], 'faults[0] has no ms'],
    [[{ do: 'html200', times: 'one' }], 'faults[0].times must be a number'],
    [[{ do: 'html200', match: { path: '(' } }], 'faults[0].match.path must be a string with a regular expression'],
    [[{ do: 'html200', match: { paths: 'x' } }], 'faults[0].match has no paths'],
    [[{ do: 'html200', match: 'x' }], 'faults[0].match must be an object'],
    [[{ do: 'status', status: 400, headers: { a: 1 } }], 'faults[0].headers must be an object of strings'],
  ])('refuse the faults %j', async (faults, detail) => {
    const { sandbox, call } = await startTestSandbox();
    const refused = await post(call, '/_sandbox/faults', faults);
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } });
    expect(sandbox.faults).toEqual([]);
  });

  test('refuse unknown paths, and a seed that a POST would refuse', async () => {
    const { sandbox, call } = await startTestSandbox();
    expect((await call('GET', '/_sandbox/nothing')).status).toBe(404);
    expect((await post(call, '/_sandbox/seed', { users: 'ada' })).status).toBe(400);
    expect((await post(call, '/_sandbox/seed', { users: [{}] })).status).toBe(400);
    expect((await call('POST', '/_sandbox/seed', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect(sandbox.log).toEqual([]);
  });

  test.each<[string, number]>([
    ['rebound.example', 421],
    ['127.0.0.1.example', 421],
    ['localhost', 200],
    ['127.0.0.1:80', 200],
  ])('answer a request with the Host %s with %i', async (host, expected) => {
    const { sandbox } = await startTestSandbox();
    const status = await new Promise((resolve, reject) => {
      const path = '/_sandbox/state';
      request({ host: '127.0.0.1', port: sandbox.port, path, headers: { host } }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(expected);
  });
});

describe('the overview page', () => {
  test('shows users, groups with member names, and the last requests, and escapes HTML', async () => {
    const { sandbox, call } = await startTestSandbox({ label: 'Acme' });
    sandbox.seed({
      users: [
        { id: 'a', userName: '<ada>' },
        { id: 'e', userName: 'eve', active: false },
      ],
      groups: [{ displayName: 'Team & Co', members: [{ value: 'e' }, { value: 'a' }] }],
    });
    await call('GET', '/Users?filter=userName%20eq%20%22x%22');
    const { headers, body } = await call('GET', '/', undefined, { authorization: '' });
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const part of [
      'Acme',
      '&lt;ada&gt;',
      'inactive',
      'Team &amp; Co',
      '2: &lt;ada&gt;, eve',
      'GET /Users?filter=userName eq &quot;x&quot;',
      'made from public documentation',
    ]) {
      expect(body).toContain(part);
    }
    expect(body).not.toContain('<ada>');
    expect(body).not.toMatch(/(?:src|href)=/);
  });
});

describe('the request log', () => {
  test('keeps the newest entries up to its limit', async () => {
    const { sandbox, call } = await startTestSandbox({ logLimit: 3 });
    for (let at = 0; at < 10; at += 1) await call('GET', `/Users?count=${at}`);
    expect(sandbox.log.map(({ query }) => query)).toEqual(['count=7', 'count=8', 'count=9']);
  });
});

describe('startSandbox', () => {
  test('prints a disclaimer', () => {
    expect(rehearsalNotice('Acme')).toMatch(/rehearsal of Acme.*public documentation.*not the vendor's service/);
  });

  test('rejects if the port is in use', async () => {
    const { sandbox } = await startTestSandbox();
    await expect(startSandbox({ clock: realClock, random: () => 0, token, port: sandbox.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
