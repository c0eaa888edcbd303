import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { actualState, type State } from '../state.ts';

/** A third-party SCIM server in its own process. */
export interface ThirdPartyServer {
  readonly url: string;
  readonly token: string;
  log(): Promise<readonly RequestLogEntry[]>;
  state(): Promise<State>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RequestLogEntry {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

interface Resources {
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
}

type Resource = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * Starts a server and waits until it prints a line of JSON with `url` and `token`. The server also serves GET /log and
 * GET /state.
 * @param script absolute path
 */
export async function startThirdPartyServer(script: string): Promise<ThirdPartyServer> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'close');
  const { url, token } = await Promise.race([
    readFirstJson(child.stdout),
    exited.then(([code]) => {
      throw new Error(`${script} ended with ${String(code)} before it listened`);
    }),
  ]);
  const get = async (path: string): Promise<unknown> => (await fetch(new URL(path, url))).json();
  return {
    url,
    token,
    log: async () => (await get('/log')) as readonly RequestLogEntry[],
    state: async () => {
      const { users, groups } = (await get('/state')) as Resources;
      const stored = (list: readonly Resource[]): { id: string; data: Resource }[] =>
        list.map((data) => ({ id: data.id, data }));
      return actualState(stored(users), stored(groups));
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Ignores output before the line of JSON. */
async function readFirstJson(output: NodeJS.ReadableStream): Promise<{ readonly url: string; readonly token: string }> {
  const lines = createInterface(output);
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (line.startsWith('{')) resolve(JSON.parse(line) as { url: string; token: string });
    });
  });
}
