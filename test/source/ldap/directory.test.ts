import { expect, test } from '@jest/globals';
import { detectDirectoryName } from '../../../src/source/ldap/directory.ts';
import { readRootDse, type RootDse } from '../../../src/source/ldap/protocol/root-dse.ts';
import { done, entry, scriptedDirectory } from '../../world/directory/scripted-server.ts';
import { neverAborted, openClientTo } from './client-fixture.ts';
import { entryBytes, type Values } from './entries.ts';

async function dse(attributes: Values): Promise<RootDse> {
  await using server = await scriptedDirectory(({ id }, line) =>
    line.send(entry(id, entryBytes('', attributes)), done(id)),
  );
  const client = await openClientTo(server);
  try {
    return await readRootDse(client, 5_000, neverAborted);
  } finally {
    client.close();
  }
}

test.each<[string, Values]>([
  [
    'activeDirectory',
    {
      supportedCapabilities: ['1.2.840.113556.1.4.800', '1.2.840.113556.1.4.1670'],
      vendorName: ['Samba Team (https://www.samba.org)'],
    },
  ],
  [
    'freeipa',
    {
      vendorName: ['389 Project'],
      vendorVersion: ['389-Directory/2.3.1 B2023.1'],
      ipatopologypluginversion: ['1.0'],
      ipaDomainLevel: ['1'],
    },
  ],
  ['389ds', { vendorName: ['389 Project'], vendorVersion: ['389-Directory/2.3.1 B2023.1'] }],
  ['389ds', { VENDORVERSION: ['389-Directory/1.4'] }],
  ['openldap', { objectClass: ['top', 'OpenLDAProotDSE'], supportedControl: ['1.2.840.113556.1.4.319'] }],
  ['generic', { vendorName: ['Unknown'], objectClass: ['top'] }],
  ['generic', { supportedCapabilities: ['1.2.840.113556.1.4.1851'] }],
  ['generic', {}],
])('%s', async (kind, attributes) => {
  expect(detectDirectoryName(await dse(attributes))).toBe(kind);
});

test('the root DSE is read regardless of the case of its attributes', async () => {
  expect(
    await dse({
      NAMINGCONTEXTS: ['dc=a', 'dc=b'],
      supportedcontrol: ['1.1', '1.2'],
      defaultNamingContext: ['dc=a'],
      subschemaSubentry: ['cn=subschema'],
      highestCommittedUSN: ['9223372036854775807'],
      dsServiceName: ['CN=NTDS'],
    }),
  ).toMatchObject({
    namingContexts: ['dc=a', 'dc=b'],
    supportedControls: new Set(['1.1', '1.2']),
    defaultNamingContext: 'dc=a',
    subschemaSubentry: 'cn=subschema',
    highestCommittedUsn: '9223372036854775807',
    dsServiceName: 'CN=NTDS',
    vendorName: undefined,
    isActiveDirectory: false,
  });
});

test('a server without a readable root DSE', async () => {
  await using server = await scriptedDirectory(({ id }, line) => line.send(done(id)));
  const client = await openClientTo(server);
  await expect(readRootDse(client, 5_000, neverAborted)).rejects.toMatchObject({
    code: 'ldap.rootDseUnreadable',
  });
  client.close();
});
