import { randomBytes } from 'node:crypto';
import { rehearsalNotice, startSandbox } from '../../sandbox/sandbox.ts';
import type { Console } from '../console.ts';
import type { ExitCode } from '../context.ts';
import { realClock, realRandom } from '../world.ts';

export interface SandboxFlags {
  readonly port: number;
  readonly token: string | undefined;
  readonly profile: string;
  readonly requestsPerSecond: number | undefined;
  readonly latency: number;
}

/** A local application to rehearse against, until SIGTERM. Everything it holds goes with it. */
export async function sandboxCommand(console: Console, flags: SandboxFlags, stop: AbortSignal): Promise<ExitCode> {
  const token = flags.token ?? randomBytes(12).toString('hex');
  const sandbox = await startSandbox({
    clock: realClock, random: realRandom, token, port: flags.port, label: flags.profile, latencyMs: flags.latency,
    ...(flags.requestsPerSecond === undefined ? {} : { requestsPerSecond: flags.requestsPerSecond }),
  });
  console.out(rehearsalNotice(flags.profile));
  console.out(`url    ${sandbox.url}`);
  console.out(`token  ${token}`);
  console.out(`page   http://127.0.0.1:${sandbox.port}/`);
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => {
      resolve();
    }, { once: true });
  });
  await sandbox.close();
  return 0;
}
