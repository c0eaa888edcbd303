import { afterEach } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { instant } from '../../src/model/ids.ts';
import { coreGroupSchema, coreUserSchema } from '../../src/model/path.ts';
import type { Clock } from '../../src/model/clock.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';

export const token = 'let-me-in';

export const realClock: Clock = {
  now: () => instant(Date.now()),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  // any: tests read arbitrary properties of JSON responses.
  readonly body: any;
}

export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<TestResponse>;

const openSandboxes: Sandbox[] = [];

afterEach(async () => {
  for (const sandbox of openSandboxes.splice(0)) await sandbox.close();
});

/** Starts a sandbox that is closed after the test. `call` sends authenticated requests to paths below the base URL. */
export async function startTestSandbox(
  options: Partial<SandboxOptions> = {},
): Promise<{ sandbox: Sandbox; call: Call }> {
  const sandbox = await startSandbox({ clock: realClock, random: () => 0.5, token, ...options });
  openSandboxes.push(sandbox);
  const call: Call = async (method, path, body, headers = {}) => {
    const response = await fetch(
      path.startsWith('/_sandbox') || path === '/' ? `http://127.0.0.1:${sandbox.port}${path}` : sandbox.url + path,
      {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  };
  return { sandbox, call };
}

export const user = (userName: string, more: object = {}): object => ({ schemas: [coreUserSchema], userName, ...more });

export const group = (displayName: string, ...members: readonly string[]): object => ({
  schemas: [coreGroupSchema],
  displayName,
  ...(members.length === 0 ? {} : { members: members.map((value) => ({ value })) }),
});

export const patchOf = (...operations: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

/**
 * Of `actual`, only what `expected` names: so that they can be compared, and `undefined` means that it is not there.
 */
export function pickExpected(actual: any, expected: any): unknown {
  if (Array.isArray(expected) && Array.isArray(actual))
    return actual.map((element, at) => pickExpected(element, expected[at]));
  if (
    typeof expected !== 'object' ||
    expected === null ||
    'asymmetricMatch' in expected ||
    typeof actual !== 'object' ||
    actual === null
  )
    return actual;
  return Object.fromEntries(Object.entries(expected).map(([name, inner]) => [name, pickExpected(actual[name], inner)]));
}
