// The process of cli-host.ts. Its parent sends command lines, one at a time, and ends it by closing the channel.
import { setTimeout as sleep } from 'node:timers/promises';
import { endMark, type HostedRun } from './cli-host-messages.ts';

const programFile = process.argv[2] ?? '';
const { main } = (await import(programFile)) as { main: (argv: readonly string[]) => Promise<number> };

await Promise.all([written(process.stdout, ''), written(process.stderr, '')]);
process.on('disconnect', () => process.exit());
process.on('message', (run: HostedRun) => void serve(run));
const idleResources = await activeResources();
process.send?.('ready');

async function serve({ id, folder, env, args }: HostedRun): Promise<void> {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  const code = await main([process.execPath, programFile, ...args]);
  // A process ends when no resource keeps it alive. A program that forgot to close one would hang, and so does this.
  while ((await activeResources()) > idleResources) await sleep(1);
  for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal);
  await Promise.all([written(process.stdout, endMark(id, code)), written(process.stderr, endMark(id, code))]);
}

/** How many sockets, timers and requests keep this process alive. */
async function activeResources(): Promise<number> {
  await new Promise((done) => setImmediate(done));
  return process.getActiveResourcesInfo().length;
}

function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((done) => {
    stream.write(text, () => done());
  });
}
