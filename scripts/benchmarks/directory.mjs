// An OpenLDAP server with people and teams, as source of a fixture.
import { spawnSync } from 'node:child_process';
import { groups as groupsBase, people as peopleBase, startSlapd } from '../../test/world/directory/servers/slapd.ts';
import { floor, runMeasured } from './measure.mjs';
import { openFixture } from './fixture.mjs';

/** Members per group, and people per group. */
const groupSize = 200;
const peoplePerGroup = 100;

/** Whether slapd, its tools and openssl are installed. */
export const hasSlapd = () =>
  ['slapd', 'slapadd', 'ldapmodify', 'openssl'].every(
    (name) =>
      spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${name}`], { stdio: 'ignore' }).status === 0,
  );

export const startDirectory = (people) =>
  startSlapd({
    ldif: ldif(people, Math.max(1, Math.floor(people / peoplePerGroup))),
    // The largest size of its database in bytes; it reserves addresses only.
    database: `maxsize ${16 * 2 ** 30}`,
  });

/** @param changes how scimsync asks for changes: `['sync']`, or `[]` for pages only */
export const openDirectoryFixture = (program, slapd, changes, { source: moreOfSource = {}, ...options } = {}) =>
  openFixture(program, {
    source: source(slapd, changes, moreOfSource),
    mapping: {},
    env: { LDAP_PASSWORD: slapd.admin.password },
    ...options,
  });

/** Baseline: ldapts alone reads the same entries by pages. */
export const runLdapts = ({ url, caFile, admin }) =>
  runMeasured(floor('ldapts'), [url, caFile, admin.dn, admin.password, JSON.stringify(searches)]);

/** The attributes that a pass requests with the default mapping. */
const searches = [
  {
    base: peopleBase,
    filter: '(|(objectClass=inetOrgPerson)(objectClass=posixAccount))',
    attributes: [
      'entryUUID',
      'pwdAccountLockedTime',
      'uid',
      'givenName',
      'sn',
      'displayName',
      'cn',
      'mail',
      'telephoneNumber',
      'title',
      'employeeNumber',
      'departmentNumber',
      'manager',
    ],
  },
  {
    base: groupsBase,
    filter: '(objectClass=groupOfNames)',
    attributes: ['entryUUID', 'member', 'uniqueMember', 'memberUid', 'memberURL', 'cn'],
  },
];

function source({ url, caFile, admin }, changes, more) {
  return {
    type: 'ldap',
    directory: { extends: 'openldap', name: 'bench', changes },
    url,
    tls: { caFile },
    bind: { dn: admin.dn, password: { env: 'LDAP_PASSWORD' } },
    users: { base: peopleBase },
    groups: { base: groupsBase },
    ...more,
  };
}

export const dnOf = (number) => `uid=u${number},${peopleBase}`;

/** The entries one by one: with a million people, the text of all of them is longer than a string may be. */
function* ldif(people, teams) {
  for (let n = 0; n < people; n += 1) {
    yield `dn: ${dnOf(n)}
objectClass: inetOrgPerson
uid: u${n}
cn: Given${n % 997} Family${n}
sn: Family${n}
givenName: Given${n % 997}
displayName: Given${n % 997} Family${n}
mail: u${n}@example.test
employeeNumber: ${100_000 + n}
title: Engineer of level ${n % 7}
departmentNumber: D${n % 50}
telephoneNumber: +1 555 ${String(n % 10_000).padStart(4, '0')}
l: City ${n % 100}
${n === 0 ? '' : `manager: ${dnOf(Math.floor(n / 10))}\n`}
`;
  }
  for (let team = 0; team < teams; team += 1) {
    const members = Array.from(
      { length: Math.min(groupSize, people) },
      (_, index) => `member: ${dnOf((team * 131 + index * 37) % people)}\n`,
    );
    const heading = `dn: cn=team${team},${groupsBase}\nobjectClass: groupOfNames\ncn: team${team}\n`;
    yield `${heading}${[...new Set(members)].join('')}\n`;
  }
}
