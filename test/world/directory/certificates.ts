import { mkdirSync, writeFileSync } from 'node:fs';
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

/**
 * An authority of its own and what it signed, made anew for each run: nothing here can expire in a drawer.
 *
 * @param address of the server, where it is not 127.0.0.1 alone
 */
export async function makeCertificates(folder: string, address = '127.0.0.1'): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const authority = async (name: string): Promise<string> => {
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]);
    return at(`${name}.pem`);
  };
  const caFile = await authority('ca');
  const otherCaFile = await authority('other-ca');
  const signed = async (name: string, subject: string, alternatives: string, dates: readonly string[]): Promise<Pair> => {
    await run('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)]);
    writeFileSync(at(`${name}.cnf`), authorityOf(folder, alternatives));
    writeFileSync(at('index.txt'), '');
    await run('openssl', ['ca', '-batch', '-notext', '-config', at(`${name}.cnf`), '-in', at(`${name}.csr`), '-out', at(`${name}.pem`), ...dates]);
    return { certFile: at(`${name}.pem`), keyFile: at(`${name}.key`) };
  };
  const lasting = ['-days', '30'];
  const addresses = [...new Set(['127.0.0.1', address])].map((each) => `IP:${each}`);
  const here = `${addresses.join(',')},DNS:localhost,DNS:ldap.example.test`;
  return {
    caFile, otherCaFile,
    server: await signed('server', '/CN=ldap.example.test', here, lasting),
    expired: await signed('expired', '/CN=ldap.example.test', here, ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z']),
    misnamed: await signed('misnamed', '/CN=elsewhere.example.test', 'DNS:elsewhere.example.test', lasting),
    client: await signed('client', '/OU=services/CN=reader', 'email:reader@example.test', lasting),
  };
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
