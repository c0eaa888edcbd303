import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { run } from './server.ts';

export interface Certificates {
  readonly caFile: string;
  /** Who signed nothing here. */
  readonly otherCaFile: string;
  readonly server: Pair;
  /** Expired long ago. */
  readonly expired: Pair;
  /** For another host's name. */
  readonly misnamed: Pair;
  /** cn=reader,ou=services. */
  readonly client: Pair;
}

export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
}

const day = 86_400_000;

/**
 * An authority of its own and what it signed for a server at that address. They are made once a day, into a folder that
 * stays: nothing can expire in it, and most tests need a server more than once.
 */
export async function certificatesFor(address: string): Promise<Certificates> {
  const folder = join(
    tmpdir(),
    `scimsync-certificates-${userInfo().username}-${Math.floor(Date.now() / day)}-${address}`,
  );
  if (existsSync(folder)) return certificatesIn(folder);
  const making = mkdtempSync(`${folder}-`);
  await makeCertificates(making, address);
  try {
    renameSync(making, folder);
  } catch (error) {
    // Another worker was quicker.
    rmSync(making, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return certificatesIn(folder);
}

function certificatesIn(folder: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const pair = (name: string): Pair => ({ certFile: file(`${name}.pem`), keyFile: file(`${name}.key`) });
  return {
    caFile: file('ca.pem'),
    otherCaFile: file('other-ca.pem'),
    server: pair('server'),
    expired: pair('expired'),
    misnamed: pair('misnamed'),
    client: pair('client'),
  };
}

async function makeCertificates(folder: string, address: string): Promise<void> {
  const at = (name: string): string => join(folder, name);
  const authority = async (name: string): Promise<void> => {
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
    ]);
  };
  await authority('ca');
  await authority('other-ca');
  const signed = async (
    name: string,
    subject: string,
    alternatives: string,
    dates: readonly string[],
  ): Promise<void> => {
    await run('openssl', [
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      subject,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    ]);
    writeFileSync(at(`${name}.cnf`), authorityOf(folder, alternatives));
    writeFileSync(at('index.txt'), '');
    await run('openssl', [
      'ca',
      '-batch',
      '-notext',
      '-config',
      at(`${name}.cnf`),
      '-in',
      at(`${name}.csr`),
      '-out',
      at(`${name}.pem`),
      ...dates,
    ]);
  };
  const lasting = ['-days', '30'];
  const addresses = [...new Set(['127.0.0.1', address])].map((one) => `IP:${one}`).join(',');
  const here = `${addresses},DNS:localhost,DNS:ldap.example.test`;
  await signed('server', '/CN=ldap.example.test', here, lasting);
  await signed('expired', '/CN=ldap.example.test', here, [
    '-startdate',
    '20200101000000Z',
    '-enddate',
    '20210101000000Z',
  ]);
  await signed('misnamed', '/CN=elsewhere.example.test', 'DNS:elsewhere.example.test', lasting);
  await signed('client', '/OU=services/CN=reader', 'email:reader@example.test', lasting);
}

function authorityOf(folder: string, alternatives: string): string {
  return `[ca]
default_ca = here
[here]
dir = ${folder}
database = ${join(folder, 'index.txt')}
new_certs_dir = ${folder}
rand_serial = yes
certificate = ${join(folder, 'ca.pem')}
private_key = ${join(folder, 'ca.key')}
default_md = sha256
policy = anything
x509_extensions = added
unique_subject = no
[anything]
organizationalUnitName = optional
commonName = supplied
[added]
subjectAltName = ${alternatives}
`;
}
