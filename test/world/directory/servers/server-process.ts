import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { waitForPort, type DirectoryServer } from './server.ts';

/** A server's own process, in the foreground. */
export interface ServerProcess extends Pick<DirectoryServer, 'start' | 'signal'> {
  /** Kills it if it runs. */
  end(): Promise<void>;
}

/** @param port on which it listens once it is ready */
export function serverProcess(program: string, args: readonly string[], port: number): ServerProcess {
  let child: ChildProcess | undefined;
  let previousEnd: Promise<unknown> = Promise.resolve();
  const own: ServerProcess = {
    async start() {
      // A server that is still stopping has the port.
      await previousEnd;
      child = spawn(program, [...args], { stdio: 'ignore' });
      await waitForPort(port, child);
    },
    async signal(signal) {
      if (child === undefined) throw new Error(`${program} is not running`);
      const running = child;
      if (signal === 'SIGTERM' || signal === 'SIGKILL') {
        child = undefined;
        if (running.exitCode === null && running.signalCode === null) previousEnd = once(running, 'close');
      }
      running.kill(signal);
      await previousEnd;
    },
    async end() {
      if (child !== undefined) await own.signal('SIGKILL');
      await previousEnd;
    },
  };
  return own;
}
