import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { actualState, type State } from './state.ts';

export interface Scimmy {
  readonly url: string;
  readonly token: string;
  log(): Promise<readonly { readonly method: string; readonly url: string; readonly status: number }[]>;
  state(): Promise<State>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts SCIMMY's server in a process of its own and waits until it listens. */
export async function startScimmy(): Promise<Scimmy> {
  const token = 'tok-scimmy-0815-secret';
  const child = spawn(process.execPath, [fileURLToPath(new URL('./scimmy-server.ts', import.meta.url)), token], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const base = `http://127.0.0.1:${Number(String(first).trim())}`;
  const get = async (path: string): Promise<unknown> => (await fetch(`${base}${path}`)).json();
  return {
    url: `${base}/scim/v2`, token,
    log: async () => (await get('/log')) as { method: string; url: string; status: number }[],
    state: async () => {
      const { users, groups } = (await get('/state')) as { users: { id: string }[]; groups: { id: string }[] };
      const stored = (list: { id: string }[]): { id: string; data: Record<string, unknown> }[] => list.map((data) => ({ id: data.id, data: data }));
      return actualState(stored(users), stored(groups));
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    },
  };
}
