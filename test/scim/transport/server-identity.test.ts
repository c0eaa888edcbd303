import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createHttpClient } from '../../../src/scim/transport/http.ts';
import { never } from '../fixtures.ts';

/** Made for these tests only: self-signed, for the name `localhost`, valid from 2020 to 2120. */
const cert = `-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMflGTaj/UrjFOU7
FO5heTAgtPdaNi2zlcSaUpn1sUlSjCcnQpvAwdFNp6+Gb618lvSn1/jdmYpPICmp
eX3MhlqjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBSafXekpypuiGFTj4FDHJlxZuJn7DAKBggqhkjOPQQDAgNIADBF
AiEA+W3fGLwSih9ob/uC3CoLKHpB6ZucjtwINkRvBGrfjIICIAhOy2O+O3YXma9l
gv11UYKGa9Tk4Voi6xR87855l2QT
-----END CERTIFICATE-----
`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJ+SFzcb4eg/Le2KU
RxCI4QZcrdflg8M7m4PlHKJQ2EGhRANCAATH5Rk2o/1K4xTlOxTuYXkwILT3WjYt
s5XEmlKZ9bFJUownJ0KbwMHRTaevhm+tfJb0p9f43ZmKTyApqXl9zIZa
-----END PRIVATE KEY-----
`;

test.each([
  ['its certificate is trusted, and has its name', 'localhost', { ca: cert }, 1],
  ['its certificate is not trusted', 'localhost', undefined, 0],
  ['its certificate has another name', '127.0.0.1', { ca: cert }, 0],
] as const)('only a server that proves its name receives a token: %s', async (_, host, tls, expected) => {
  const tokens: unknown[] = [];
  const server = createServer({ cert, key }, ({ headers }, response) => {
    tokens.push(headers.authorization);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const http = createHttpClient({ concurrency: 1, timeoutMs: 5000, userAgent: 'scimsync/1.2.3', ...(tls && { tls }) });
  try {
    const reply = await http.send(
      {
        method: 'GET',
        url: `https://${host}:${(server.address() as AddressInfo).port}/Users`,
        headers: { authorization: 'Bearer s3cret-token' },
      },
      never,
    );
    expect(tokens).toHaveLength(expected);
    expect(reply.kind).toBe(expected === 1 ? 'response' : 'notSent');
  } finally {
    http.close();
    server.close();
  }
});
