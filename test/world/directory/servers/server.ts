import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real directory server on this machine, with ports and a data folder of its own. */
export interface DirectoryServer {
  /** Of the directory that it serves: dc=example,dc=test. */
  readonly suffix: string;
  /** ldaps:// and ldap://, both at 127.0.0.1. */
  readonly url: string;
  readonly plainUrl: string;
  /** PEM of the CA that signed its certificate. */
  readonly caFile: string;
  /** The account that may read and write all entries. */
  readonly admin: Account;
  /** Applies LDIF change records with ldapmodify; records without a change type are added. */
  change(ldif: string): Promise<void>;
  start(): Promise<void>;
  /** SIGTERM is how it is stopped; SIGKILL, SIGSTOP and SIGCONT are what can happen to it. */
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Stops it and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Account {
  readonly dn: string;
  readonly password: string;
}

/** Runs a tool of OpenLDAP, so that tests do not depend on the code under test. @returns its standard output */
export async function ldapTool(
  server: Pick<DirectoryServer, 'plainUrl' | 'url' | 'caFile' | 'admin'>,
  tool: string,
  args: readonly string[],
  input = '',
): Promise<string> {
  const { admin, caFile, url } = server;
  return run(tool, ['-x', '-H', url, '-D', admin.dn, '-w', admin.password, ...args], {
    input,
    env: { LDAPTLS_CACERT: caFile, LDAPTLS_REQCERT: 'demand' },
  });
}

interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** @throws where it does not exit with 0, with everything that it output */
export async function run(
  program: string,
  args: readonly string[],
  { input = '', env = {} }: RunOptions = {},
): Promise<string> {
  const child = spawn(program, [...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}\n${output.err}\n${output.out}`);
  return output.out;
}

/** A free port on 127.0.0.1. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until the port accepts connections. @throws where the process ends before */
export async function waitForPort(port: number, child: ChildProcess, host = '127.0.0.1'): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isListening(port, host))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(
        `the directory server ended with ${String(child.exitCode ?? child.signalCode)} before it listened on ${port}`,
      );
    if (Date.now() > deadline) throw new Error(`${host}:${port} does not accept connections`);
    await sleep(10);
  }
}

async function isListening(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
