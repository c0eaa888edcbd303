import { writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { createCliWorkspace, type CliWorkspace } from './cli-workspace.ts';
import { unlimitedGuard } from './limits.ts';
import { profileWith } from './profile.ts';
import { seededRandom } from './random.ts';
import { createSkippingClock } from './skipping-clock.ts';

export type Settings = Readonly<Record<string, unknown>>;

/** An application, a company of a few rows, and the command line. */
export interface SandboxWorld extends AsyncDisposable {
  readonly cli: CliWorkspace;
  readonly sandbox: Sandbox;
  /** The bearer token of the application. */
  readonly token: string;
  /** Replaces the rows of the company. */
  people(...rows: readonly string[]): void;
  /** Sends a request to the application, as a person would. @returns the answer; undefined: it has no body */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Writes the configuration. @param user entries of the mapping of users */
  configure(user?: Settings, target?: Settings, top?: Settings): void;
}

const token = 'sandbox-world-token';

/**
 * @param company its columns, the options of the source's users, and the mapping that all configurations have
 * @param profile how the application behaves
 * @param env the environment of the command line besides the token
 */
export async function createSandboxWorld(
  company: { readonly header: string; readonly users?: Settings; readonly mapping: Settings },
  profile: Parameters<typeof profileWith>[0] = {},
  misbehaviours: readonly number[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<SandboxWorld> {
  const sandbox = await startSandbox({
    ...{ clock: createSkippingClock(), random: seededRandom(1), token, profile: profileWith(profile), misbehaviours },
  });
  const cli = createCliWorkspace({ APP_TOKEN: token, ...env });
  return {
    ...{ cli, sandbox, token },
    people: (...rows) => writeFileSync(cli.path('people.csv'), [company.header, ...rows, ''].join('\n')),
    async call(method, path, body) {
      const response = await fetch(sandbox.url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(response.ok).toBe(true);
      return response.status === 204 ? undefined : response.json();
    },
    configure(user = {}, target = {}, top = {}) {
      cli.configure({
        source: {
          type: 'csv',
          users: { file: 'people.csv', key: 'id', ...company.users },
          sanity: { maxShrink: '100%', maxBlank: '100%' },
        },
        targets: [
          {
            name: 'app',
            url: sandbox.url,
            profile: { supports: profile.supports ?? {}, protocol: profile.protocol ?? {} },
            auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
            guard: unlimitedGuard,
            mapping: { user: { ...company.mapping, ...user } },
            limits: { requestsPerSecond: 1000 },
            ...target,
          },
        ],
        ...top,
      });
    },
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}
