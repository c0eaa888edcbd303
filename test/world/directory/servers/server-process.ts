import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { waitForPort, type DirectoryServer } from './server.ts';

/** A server's own process, in the foreground. */
export interface ServerProcess extends Pick<DirectoryServer, 'start' | 'signal'> {
  /** Kills it where it runs. */
  end(): Promise<void>;
}

/** @param port on which it listens once it is ready */
export function serverProcess(program: string, args: readonly string[], port: number): ServerProcess {
  let child: ChildProcess | undefined;
  const own: ServerProcess = {
    async start() {
      child = spawn(program, [...args], { stdio: 'ignore' });
      await waitForPort(port, child);
    },
    async signal(signal) {
      const running = child;
      if (running === undefined) throw new Error(`${program} is not running`);
      const ended = signal === 'SIGTERM' || signal === 'SIGKILL' ? once(running, 'close') : undefined;
      running.kill(signal);
      await ended;
      if (ended !== undefined) child = undefined;
    },
    async end() {
      if (child !== undefined) await own.signal('SIGKILL');
    },
  };
  return own;
}
