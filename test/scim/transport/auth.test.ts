import { describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { AuthSettings } from '../../../src/model/http/auth-settings.ts';
import { createCredentials, type Headers } from '../../../src/scim/transport/auth.ts';
import { toResponse, type HttpRequest, type SendResult } from '../../../src/scim/transport/message.ts';
import { never, secret } from '../fixtures.ts';

const noSend = async (): Promise<SendResult> => {
  throw new Error('not expected');
};
const clockAt = (time: { now: number }) => ({ now: () => instant(time.now), sleep: async () => undefined });

describe('fixed credentials', () => {
  test.each<[AuthSettings, object, readonly string[]]>([
    [{ type: 'none' }, {}, []],
    [{ type: 'bearer', token: secret('abcd') }, { authorization: 'Bearer abcd' }, ['abcd']],
    [{ type: 'bearer', token: secret(' Bearer abcd\n') }, { authorization: 'Bearer abcd' }, ['abcd']],
    [
      { type: 'basic', username: 'ada', password: secret('päss') },
      { authorization: 'Basic YWRhOnDDpHNz' },
      ['päss', 'YWRhOnDDpHNz'],
    ],
    [{ type: 'header', name: 'X-Api-Key', value: secret('key1') }, { 'x-api-key': 'key1' }, ['key1']],
  ])('%j', async (auth, headers, secrets) => {
    const credentials = createCredentials(auth, noSend, clockAt({ now: 0 }));
    expect(await credentials.headers(never)).toEqual(headers);
    for (const value of secrets) expect(credentials.redact(`a ${value} b`)).toBe('a ••• b');
    expect(credentials.discard(headers as Headers)).toBe(false);
  });
});

describe('client credentials', () => {
  const auth: AuthSettings = {
    type: 'oauth2',
    tokenUrl: 'https://login.example/token',
    clientId: 'my id',
    clientSecret: secret('s:12'),
    scope: 'scim',
    audience: 'app',
  };
  const granted = (token: string, life: unknown = 3600) =>
    toResponse(200, {}, JSON.stringify({ access_token: token, expires_in: life, token_type: 'Bearer' }));

  function open(...answers: SendResult[]) {
    const sent: HttpRequest[] = [];
    const time = { now: 0 };
    const send = async (request: HttpRequest): Promise<SendResult> => {
      sent.push(request);
      await Promise.resolve();
      return answers[Math.min(sent.length, answers.length) - 1] ?? toResponse(500, {}, '');
    };
    return { sent, time, credentials: createCredentials(auth, send, clockAt(time)) };
  }

  test('requests one token for all waiting requests, with HTTP Basic', async () => {
    const { sent, credentials } = open(granted('token-one'));
    const all = await Promise.all([1, 2, 3].map(() => Promise.resolve(credentials.headers(never))));
    expect(all).toEqual([1, 2, 3].map(() => ({ authorization: 'Bearer token-one' })));
    expect(sent).toEqual([
      {
        method: 'POST',
        url: 'https://login.example/token',
        body: 'grant_type=client_credentials&scope=scim&audience=app',
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from('my%20id:s%3A12').toString('base64')}`,
        },
      },
    ]);
    expect(credentials.redact('s:12 and token-one')).toBe('••• and •••');
  });

  test.each([
    [3600, 3_539_000, 3_541_000],
    ['3600', 3_539_000, 3_541_000],
    [100, 49_000, 51_000],
    [null, 1e12, undefined],
    ['soon', 1e12, undefined],
  ])('a token valid for %p s is used at %i ms and renewed at %p ms', async (life, kept, renewed) => {
    const { time, credentials } = open(granted('one', life), granted('two', life));
    await credentials.headers(never);
    time.now = kept;
    expect(await credentials.headers(never)).toEqual({ authorization: 'Bearer one' });
    if (renewed === undefined) return;
    time.now = renewed;
    expect(await credentials.headers(never)).toEqual({ authorization: 'Bearer two' });
  });

  test('a rejected token is discarded once, also if a later response rejects it again', async () => {
    const { sent, credentials } = open(granted('one'), granted('two'));
    const first = (await credentials.headers(never)) as Record<string, string>;
    expect(credentials.discard(first)).toBe(true);
    await credentials.headers(never);
    credentials.discard(first);
    expect(await credentials.headers(never)).toEqual({ authorization: 'Bearer two' });
    expect(sent).toHaveLength(2);
  });

  test('a server without HTTP Basic gets id and secret in the body from then on', async () => {
    const { sent, time, credentials } = open(
      toResponse(401, {}, '{"error":"invalid_client"}'),
      granted('one'),
      granted('two'),
    );
    expect(await credentials.headers(never)).toEqual({ authorization: 'Bearer one' });
    time.now = 1e7;
    expect(await credentials.headers(never)).toEqual({ authorization: 'Bearer two' });
    expect(sent).toHaveLength(3);
    expect(sent[2]?.body).toContain('client_id=my+id&client_secret=s%3A1');
    expect(sent[2]?.headers).not.toHaveProperty('authorization');
  });

  test.each<[SendResult, object]>([
    [
      toResponse(400, {}, '{"error":"invalid_scope","error_description":"no such scope"}'),
      { kind: 'notAttempted', reason: 'unavailable', detail: 'no token from login.example: 400: no such scope' },
    ],
    [toResponse(503, {}, ''), { kind: 'notSent', detail: 'no token from login.example: 503' }],
    [toResponse(200, {}, '<html>log in</html>'), { kind: 'notAttempted' }],
    [
      { kind: 'noResponse', detail: 'reset' },
      { kind: 'notSent', detail: 'no token from login.example: reset' },
    ],
  ])('no token: %j', async (answer, expected) => {
    expect(await open(answer).credentials.headers(never)).toMatchObject(expected);
  });
});
