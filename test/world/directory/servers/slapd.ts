import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificatesFor, type Certificates, type Pair } from './certificates.ts';
import { programPath } from './installed.ts';
import { serverProcess } from './server-process.ts';
import { freePort, ldapTool, run, type Account, type DirectoryServer } from './server.ts';

export const suffix = 'dc=example,dc=test';
export const people = `ou=people,${suffix}`;
export const groups = `ou=groups,${suffix}`;

/** The domain, and the two units below which people and groups are. */
export const tree = `dn: ${suffix}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ${people}
objectClass: organizationalUnit
ou: people

dn: ${groups}
objectClass: organizationalUnit
ou: groups
`;

export interface SlapdOptions {
  /** LDIF to begin with, below `tree`, as one text or in parts; overlays do not see it. */
  readonly ldif?: string | Iterable<string>;
  readonly certificate?: keyof Pick<Certificates, 'server' | 'expired' | 'misnamed'>;
  /** Lines of slapd.conf(5) for the whole server, and for its one database: limits, access, overlays. */
  readonly global?: string;
  readonly database?: string;
  /** `refint` updates references after a rename; without it, old DNs remain. */
  readonly overlays?: readonly ('memberof' | 'refint' | 'ppolicy' | 'syncprov' | 'dynlist')[];
}

export interface Slapd extends DirectoryServer {
  readonly folder: string;
  readonly certificates: Certificates;
  readonly port: number;
  readonly tlsPort: number;
  /** Takes an entry away, a referral too. */
  remove(dn: string): Promise<void>;
}

const overlayLines: Readonly<Record<string, string>> = {
  memberof: 'overlay memberof\nmemberof-refint FALSE',
  refint: 'overlay refint\nrefint_attributes member uniqueMember manager',
  ppolicy: 'overlay ppolicy',
  syncprov: 'overlay syncprov\nsyncprov-checkpoint 100 1\nsyncprov-sessionlog 10000',
  dynlist: 'overlay dynlist',
};

const admin: Account = { dn: `cn=admin,${suffix}`, password: 'admin-secret' };

/**
 * A running OpenLDAP server. The client certificate for cn=reader,ou=services binds as administrator (SASL EXTERNAL).
 */
export async function startSlapd({
  ldif = '',
  certificate = 'server',
  global = '',
  database = '',
  overlays = ['memberof', 'refint', 'ppolicy', 'syncprov'],
}: SlapdOptions = {}): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-slapd-'));
  const certificates = await certificatesFor('127.0.0.1');
  const [port, tlsPort] = [await freePort(), await freePort()];
  mkdirSync(join(folder, 'data'));
  const config = join(folder, 'slapd.conf');
  writeFileSync(
    config,
    configuration(
      folder,
      certificates.caFile,
      certificates[certificate],
      global,
      [...overlays.map((name) => overlayLines[name] ?? ''), database].join('\n'),
    ),
  );
  const first = join(folder, 'first.ldif');
  writeFileSync(first, `${tree}\n`);
  for (const part of typeof ldif === 'string' ? [ldif] : ldif) appendFileSync(first, part);
  await run(programPath('slapadd') ?? 'slapadd', ['-q', '-f', config, '-l', first]).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });

  const [url, plainUrl] = [`ldaps://127.0.0.1:${tlsPort}`, `ldap://127.0.0.1:${port}`];
  const running = serverProcess(
    programPath('slapd') ?? 'slapd',
    ['-d', '0', '-h', `${plainUrl} ${url}`, '-f', config],
    tlsPort,
  );
  const server: Slapd = {
    folder,
    certificates,
    port,
    tlsPort,
    suffix,
    admin,
    url,
    plainUrl,
    caFile: certificates.caFile,
    // Over the plain port: some tests give the server a certificate that no tool accepts.
    async change(changes) {
      await ldapTool({ ...server, url: server.plainUrl }, 'ldapmodify', ['-a'], changes);
    },
    async remove(dn) {
      await ldapTool({ ...server, url: server.plainUrl }, 'ldapdelete', ['-M', dn]);
    },
    start: () => running.start(),
    signal: (signal) => running.signal(signal),
    async [Symbol.asyncDispose]() {
      await running.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function configuration(
  folder: string,
  caFile: string,
  { certFile, keyFile }: Pair,
  global: string,
  database: string,
): string {
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/dyngroup.schema
pidfile ${folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload ppolicy
moduleload syncprov
moduleload dynlist
TLSCACertificateFile ${caFile}
TLSCertificateFile ${certFile}
TLSCertificateKeyFile ${keyFile}
TLSVerifyClient try
authz-regexp "cn=reader,ou=services" "${admin.dn}"
sizelimit unlimited
threads 4
loglevel none
${global}

database mdb
suffix "${suffix}"
rootdn "${admin.dn}"
rootpw ${admin.password}
directory ${folder}/data
maxsize 2147483648
dbnosync
index objectClass,entryCSN,entryUUID,uid,cn,member eq
${database}
`;
}
