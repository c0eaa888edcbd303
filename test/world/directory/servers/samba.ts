import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oids } from '../../../../src/source/ldap/protocol/controls.ts';
import { certificatesFor, type Certificates } from './certificates.ts';
import { programPath } from './installed.ts';
import { ldapTool, waitForPort, run, type Account, type DirectoryServer } from './server.ts';

export const domain = 'DC=example,DC=test';

const dnsDomain = 'example.test';
const admin: Account = { dn: `CN=Administrator,CN=Users,${domain}`, password: 'Passw0rd.1' };

export interface SambaOptions {
  /** LDIF of entries to begin with. */
  readonly ldif?: string;
}

export interface Samba extends DirectoryServer {
  /** The same account by its principal name. */
  readonly adminPrincipal: Account;
  readonly certificates: Certificates;
  readonly address: string;
  readonly folder: string;
  /** The same for objects that were deleted. */
  changeDeleted(ldif: string): Promise<void>;
  /** What the server itself keeps, without any protocol in between: the output of ldbsearch. */
  stored(filter: string, ...attributes: readonly string[]): Promise<string>;
  /** Writes what the server would refuse or set itself, such as when a password was last set. */
  store(ldif: string): Promise<void>;
}

/** Samba's Active Directory domain controller, with LDAP as its only service. Needs root, as its ports are fixed. */
export async function startSamba({ ldif = '' }: SambaOptions = {}): Promise<Samba> {
  const { address, claim } = await freeAddress();
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-samba-'));
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child !== undefined) await ended(child, 'SIGKILL');
    child = undefined;
    rmSync(folder, { recursive: true, force: true });
    claim.close();
  };
  try {
    const certificates = await certificatesFor(address);
    cpSync(await provisioned(), join(folder, 'dc'), { recursive: true });
    const config = join(folder, 'smb.conf');
    const database = join(folder, 'dc/private/sam.ldb');
    writeFileSync(config, configuration(folder, address, certificates));
    const server: Samba = {
      suffix: domain,
      admin,
      certificates,
      address,
      folder,
      adminPrincipal: { dn: `administrator@${dnsDomain}`, password: admin.password },
      url: `ldaps://${address}`,
      plainUrl: `ldap://${address}`,
      caFile: certificates.caFile,
      async change(changes) {
        await ldapTool(server, 'ldapmodify', ['-a'], changes);
      },
      async changeDeleted(changes) {
        await ldapTool(server, 'ldapmodify', ['-e', `!${oids.showDeleted}`], changes);
      },
      stored: (filter, ...attributes) => run('ldbsearch', ['-H', database, '--show-binary', filter, ...attributes]),
      async store(changes) {
        await run('ldbmodify', ['-H', database, `--controls=local_oid:${bypassPasswordRules}:0`], { input: changes });
      },
      async start() {
        // It ends with its standard input, so that nothing is left where a test is killed.
        const started = spawn(
          programPath('samba') ?? 'samba',
          ['-F', '--no-process-group', '-M', 'single', '-s', config],
          { stdio: ['pipe', 'ignore', 'ignore'] },
        );
        child = started;
        for (const port of [389, 636]) await waitForPort(port, started, address);
      },
      async signal(signal) {
        if (child === undefined) throw new Error('samba is not running');
        if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
          child.kill(signal);
          return;
        }
        await ended(child, signal);
        child = undefined;
      },
      [Symbol.asyncDispose]: stop,
    };
    await server.start();
    if (ldif !== '') await server.change(ldif);
    return server;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill(signal);
  await end;
}

/** Samba's own control DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID. */
const bypassPasswordRules = '1.3.6.1.4.1.7165.4.3.12';

/** LDAP, LDAP over TLS, and the two of the global catalogue. */
const ports = [389, 636, 3268, 3269];
/** Reserves an address: of two tests that start a server at the same time, the second takes the next address. */
const claimPort = 3270;

async function freeAddress(): Promise<{ readonly address: string; readonly claim: Server }> {
  for (let last = 1; last < 100; last += 1) {
    const address = `127.0.0.${last}`;
    const claim = await tryListen(claimPort, address);
    if (claim === undefined) continue;
    if (await areFree(address)) return { address, claim };
    claim.close();
  }
  throw new Error(
    `no loopback address has its ports ${ports.join(', ')} free; does something listen on all addresses?`,
  );
}

async function areFree(address: string): Promise<boolean> {
  const taken = await Promise.all(ports.map((port) => tryListen(port, address)));
  await Promise.all(
    taken.map(async (server) => {
      if (server !== undefined) await once(server.close(), 'close');
    }),
  );
  return !taken.includes(undefined);
}

/** Undefined where the port is in use. */
async function tryListen(port: number, address: string): Promise<Server | undefined> {
  const server = createServer().unref();
  try {
    await once(server.listen(port, address), 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** A domain as it is made, once for all tests on this machine: each of them works on a copy. */
async function provisioned(): Promise<string> {
  const version = /[\w.+~-]+\s*$/.exec(await run(programPath('samba') ?? 'samba', ['--version']))?.[0].trim();
  const golden = join(tmpdir(), `scimsync-samba-golden-1-${version ?? 'unknown'}`);
  if (existsSync(golden)) return golden;
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-samba-provision-'));
  try {
    await run('samba-tool', [
      'domain',
      'provision',
      `--targetdir=${join(folder, 'dc')}`,
      `--realm=${dnsDomain.toUpperCase()}`,
      '--domain=EXAMPLE',
      '--host-name=dc1',
      '--host-ip=127.0.0.1',
      '--server-role=dc',
      '--dns-backend=NONE',
      `--adminpass=${admin.password}`,
      '--option=interfaces=lo',
      '--option=bind interfaces only=yes',
    ]);
    renameSync(join(folder, 'dc'), golden);
  } catch (error) {
    // Another test has provisioned the domain in the meantime.
    if (!existsSync(golden)) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return golden;
}

function configuration(
  folder: string,
  address: string,
  { caFile, server: { certFile, keyFile } }: Certificates,
): string {
  mkdirSync(join(folder, 'run/ncalrpc'), { recursive: true });
  return `[global]
netbios name = DC1
realm = ${dnsDomain.toUpperCase()}
workgroup = EXAMPLE
server role = active directory domain controller
server services = ldap
interfaces = ${address}/8
bind interfaces only = yes
lock directory = ${folder}/dc
state directory = ${folder}/dc/state
cache directory = ${folder}/dc/cache
private dir = ${folder}/dc/private
pid directory = ${folder}/run
ncalrpc dir = ${folder}/run/ncalrpc
winbindd socket directory = ${folder}/run/winbindd
log file = ${folder}/log
tls cafile = ${caFile}
tls certfile = ${certFile}
tls keyfile = ${keyFile}
ldb:nosync = true
`;
}
