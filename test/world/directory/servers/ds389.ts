import { hash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { certificatesFor, type Certificates, type Pair } from './certificates.ts';
import { programPath } from './installed.ts';
import { serverProcess } from './server-process.ts';
import { freePort, ldapTool, run, type Account, type DirectoryServer } from './server.ts';
import { suffix, tree } from './slapd.ts';

export interface Ds389Options {
  /** LDIF to begin with, below `tree`; plugins do not see it. */
  readonly ldif?: string;
  /** Values of cn=schema: lines that begin with `attributeTypes:` or `objectClasses:`. */
  readonly schema?: string;
  /**
   * Off: names of members that are out of date stay; MemberOf is off as well, which brings them up to date by the way.
   */
  readonly referentialIntegrity?: boolean;
  /** Off: a server without content synchronization. */
  readonly contentSync?: boolean;
  /** Lines of cn=config: limits. */
  readonly config?: string;
}

export interface Ds389 extends DirectoryServer {
  readonly folder: string;
  readonly certificates: Certificates;
  readonly port: number;
  readonly tlsPort: number;
}

/** What the package brings for making instances; it is only read. */
const templates = '/usr/share/dirsrv/data';
const backend = 'userRoot';
const admin: Account = { dn: 'cn=Directory Manager', password: 'admin-secret' };

/** Every bound account may read all entries; tests add other rules. */
const readable =
  'aci: (targetattr="*")(version 3.0; acl "readers"; allow (read, search, compare) userdn="ldap:///all";)';

/**
 * A 389 Directory Server that is running. dscreate writes below /etc, /var, /run and /usr and wants systemd; the server
 * itself needs no more than a dse.ldif in a folder of its own, whose every path leads into that folder, and runs as the
 * current user.
 */
export async function startDs389({
  ldif = '',
  schema = '',
  referentialIntegrity = true,
  contentSync = true,
  config = '',
}: Ds389Options = {}): Promise<Ds389> {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-389ds-'));
  const at = (name: string): string => join(folder, name);
  const certificates = await certificatesFor('127.0.0.1');
  const [port, tlsPort] = [await freePort(), await freePort()];
  for (const name of ['schema', 'lock', 'tmp', 'ldif', 'bak', 'run', 'inst', 'log', 'db']) mkdirSync(at(name));
  writeFileSync(at('certmap.conf'), 'certmap default default\n');
  writeFileSync(at('slapd-collations.conf'), '');
  writeFileSync(
    at('schema/99user.ldif'),
    `dn: cn=schema\nobjectClass: top\nobjectClass: ldapSubentry\nobjectClass: subschema\n${schema}\n`,
  );
  await makeCertificateStore(folder, certificates.server, certificates.caFile);
  const plugins = [
    'Retro Changelog Plugin',
    ...(contentSync ? ['Content Synchronization'] : []),
    ...(referentialIntegrity ? ['MemberOf Plugin', 'referential integrity postoperation'] : []),
  ];
  writeFileSync(at('dse.ldif'), directoryEntries(folder, port, tlsPort, plugins, config));
  writeFileSync(at('first.ldif'), `${tree.replace('\n\n', `\n${readable}\n\n`)}\n${ldif}`);
  const program = programPath('ns-slapd') ?? 'ns-slapd';
  await run(program, ['ldif2db', '-D', folder, '-n', backend, '-i', at('first.ldif')]);

  // With a debugging level, be it none, it stays in the foreground.
  const running = serverProcess(program, ['-D', folder, '-i', at('run/pid'), '-d', '0'], tlsPort);
  const server: Ds389 = {
    folder,
    certificates,
    port,
    tlsPort,
    suffix,
    admin,
    url: `ldaps://127.0.0.1:${tlsPort}`,
    plainUrl: `ldap://127.0.0.1:${port}`,
    caFile: certificates.caFile,
    async change(changes) {
      await ldapTool(server, 'ldapmodify', ['-a'], changes);
    },
    start: () => running.start(),
    signal: (signal) => running.signal(signal),
    async [Symbol.asyncDispose]() {
      await running.end();
      rmSync(folder, { recursive: true, force: true });
      // The one thing that it keeps elsewhere, by the name of its folder; killed, it leaves it there.
      rmSync(`/dev/shm/sem.${basename(folder)}.stats`, { force: true });
    },
  };
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** What NSS wants instead of PEM files. */
async function makeCertificateStore(folder: string, { certFile, keyFile }: Pair, caFile: string): Promise<void> {
  const store = `sql:${folder}`;
  const bundle = join(folder, 'server.p12');
  await run('certutil', ['-N', '-d', store, '--empty-password']);
  await run('openssl', [
    'pkcs12',
    '-export',
    '-in',
    certFile,
    '-inkey',
    keyFile,
    '-name',
    'Server-Cert',
    '-passout',
    'pass:bundle',
    '-out',
    bundle,
  ]);
  await run('pk12util', ['-i', bundle, '-d', store, '-K', '', '-W', 'bundle']);
  await run('certutil', ['-A', '-d', store, '-n', 'ca', '-t', 'CT,,', '-i', caFile]);
}

/** The package's template as it would be filled in by dscreate, with our paths, ports and plugins. */
function directoryEntries(
  folder: string,
  port: number,
  tlsPort: number,
  plugins: readonly string[],
  config: string,
): string {
  const words: Readonly<Record<string, string>> = {
    cert_dir: folder,
    config_dir: folder,
    db_home_dir: join(folder, 'db'),
    db_lib: 'bdb',
    ds_bename: backend,
    ds_passwd: salted(admin.password),
    ds_port: String(port),
    ds_suffix: suffix,
    ds_user: userInfo().username,
    fqdn: 'localhost',
    ldapi: join(folder, 'ldapi'),
    ldapi_autobind: 'off',
    ldapi_enabled: 'off',
    rootdn: admin.dn,
  };
  const filled = ['template-dse.ldif', 'template-suffix-db.ldif']
    .map((name) => readFileSync(join(templates, name), 'utf8'))
    .join('\n')
    .replace(/%(\w+)%/g, (_, word: string) => words[word] ?? join(folder, word.replace(/_dir$/, '')));
  const entries = filled.split(/\n{2,}/).map((entry) => {
    const plugin = /^dn: cn=([^,]+),cn=plugins,cn=config$/m.exec(entry)?.[1] ?? '';
    // The one plugin that is on by itself and would keep names out that are worth testing.
    const lines =
      plugin === '7-bit check'
        ? entry.replace('enabled: on', 'enabled: off')
        : plugins.includes(plugin)
          ? entry.replace('enabled: off', 'enabled: on')
          : entry;
    return `${lines.trim()}\n${more[plugin] ?? ''}`;
  });
  const [first = '', ...others] = entries;
  return [`${first}${listeners(tlsPort)}${config === '' ? '' : `${config}\n`}`, ...others].join('\n');
}

/** Content synchronization reports deletions by the attributes that the changelog records for the deleted entry. */
const more: Readonly<Record<string, string>> = {
  'Retro Changelog Plugin': 'nsslapd-attribute: nsuniqueid:targetUniqueId\n',
  'MemberOf Plugin': 'memberOfGroupAttr: uniqueMember\n',
};

const listeners = (tlsPort: number): string => `nsslapd-listenhost: 127.0.0.1
nsslapd-securelistenhost: 127.0.0.1
nsslapd-security: on
nsslapd-securePort: ${tlsPort}
nsslapd-accesslog-logging-enabled: off
`;

/** The server takes no root password in clear from its file. */
function salted(password: string): string {
  const salt = randomBytes(8);
  const digest = hash('sha1', Buffer.concat([Buffer.from(password), salt]), 'buffer');
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}
