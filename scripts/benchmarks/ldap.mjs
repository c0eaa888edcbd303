// Complete passes over a real OpenLDAP server, compared with ldapts alone reading the same entries; and the time from a
// leaver's removal in the directory to the request, while the daemon listens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { groups as groupsBase, people as peopleBase, startSlapd } from '../../test/world/directory/servers/slapd.ts';
import { runMeasured, script } from './measure.mjs';
import { openFixture } from './fixture.mjs';
import { median, megabytes, met, ratio, seconds, spread } from './report.mjs';

const maxMemoryMb = 250;
const goals = { whole: 1.3, leaverMs: 1000 };
/** Members per group, and people per group. */
const groupSize = 200;
const peoplePerGroup = 100;
const leavers = 100;

export async function ldap({ people, runs, program }, print) {
  const teams = Math.max(1, Math.floor(people / peoplePerGroup));
  const slapd = await startSlapd({ ldif: ldif(people, teams) });
  try {
    await passes({ slapd, people, teams, runs, program }, print);
    await leaverLatency({ slapd, people, program }, print);
  } finally {
    await slapd[Symbol.asyncDispose]();
  }
}

async function passes({ slapd, people, teams, runs, program }, print) {
  const open = (changes, more) =>
    openFixture(program, {
      source: source(slapd, changes, more),
      mapping: {},
      env: { LDAP_PASSWORD: slapd.admin.password },
    });
  const cookies = await open(['sync']);
  const pages = await open([]);
  const contents = await open(['sync'], { fullEveryHours: 1e-9 });
  const runsByName = new Map();
  const addRun = (name, run) => runsByName.set(name, [...(runsByName.get(name) ?? []), run]);
  try {
    addRun('first load', await cookies.run('sync'));
    await pages.run('sync');
    await contents.run('sync');
    for (let run = 1; run <= runs; run += 1) {
      addRun(
        'ldapts alone',
        await runMeasured(script('ldap-floor.mjs'), [
          slapd.url,
          slapd.caFile,
          slapd.admin.dn,
          slapd.admin.password,
          JSON.stringify(searches),
        ]),
      );
      addRun('scimsync --version', await cookies.run('--version'));
      addRun('unchanged, read by pages', await pages.run('sync'));
      addRun('unchanged, everything, with a cookie for the next', await contents.run('sync'));
      addRun('unchanged, by cookie', await cookies.run('sync'));
    }
    print(
      `ldap: ${people} people, ${teams} groups of ${groupSize}, ${runs} runs; seconds and MB as median (least–most)`,
      table(runsByName),
    );
  } finally {
    cookies.close();
    pages.close();
    contents.close();
  }
}

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

function source({ url, caFile, admin }, changes, more = {}) {
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

function table(runsByName) {
  const floor = median(runsByName.get('ldapts alone').map(({ wallMs }) => wallMs));
  const start = median(runsByName.get('scimsync --version').map(({ wallMs }) => wallMs));
  const rows = [
    ['', 'wall', 'CPU', 'peak MB', 'of ldapts', 'without start', `goal: ${maxMemoryMb} MB, ${goals.whole} of ldapts`],
  ];
  for (const [name, all] of runsByName) {
    const of = (field) => all.map((run) => run[field]);
    const wall = median(of('wallMs'));
    const isMet =
      Math.max(...of('peakMb')) <= maxMemoryMb && (!name.startsWith('unchanged') || wall / floor <= goals.whole);
    rows.push([
      name,
      spread(of('wallMs'), seconds),
      spread(of('cpuMs'), seconds),
      spread(of('peakMb'), megabytes),
      ratio(wall / floor),
      ratio((wall - start) / floor),
      name.startsWith('unchanged') || name.startsWith('first') ? met(isMet) : '',
    ]);
  }
  return rows;
}

/** Time from the directory's confirmation of a deletion to the request that reaches the application. */
async function leaverLatency({ slapd, people, program }, print) {
  const fixture = await openFixture(program, {
    source: source(slapd, ['sync'], { changes: 'live' }),
    mapping: {},
    env: { LDAP_PASSWORD: slapd.admin.password },
  });
  const config = join(fixture.folder, 'sync.config.json');
  const configuration = JSON.parse(readFileSync(config, 'utf8'));
  configuration.targets[0].guard = { maxRemovals: '100%' };
  writeFileSync(config, JSON.stringify(configuration));
  const daemon = spawn(process.execPath, [program, 'daemon'], {
    cwd: fixture.folder,
    env: { PATH: process.env.PATH, ...fixture.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  const waitUntil = async (isTrue) => {
    while (!(await isTrue())) await sleep(2);
  };
  try {
    // Wait for the end of the first load: this measures an idle target.
    await waitUntil(() => log.includes('listening for changes') && log.includes('pass ended'));
    const waits = [];
    for (let number = 0; number < Math.min(leavers, people / 10); number += 1) {
      await fixture.control('forget');
      await slapd.change(`dn: ${dnOf(people - 1 - number)}\nchangetype: delete\n`);
      const deletedAt = performance.now();
      await waitUntil(async () => (await fixture.control('stats')).counts['PATCH /Users'] > 0);
      waits.push(performance.now() - deletedAt);
    }
    waits.sort((one, other) => one - other);
    const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
    const show = (ms) => ms.toFixed(0);
    print(
      `ldap: a leaver while the daemon listens, ${people} people, ${waits.length} leavers one after the other; ` +
        "ms from the directory's confirmation to the request",
      [
        ['least', 'median', '99 %', 'most', `goal: 99 % below ${goals.leaverMs}`],
        [show(waits[0]), show(at(0.5)), show(at(0.99)), show(waits.at(-1)), met(at(0.99) < goals.leaverMs)],
      ],
    );
  } finally {
    daemon.kill('SIGTERM');
    await once(daemon, 'close');
    fixture.close();
  }
}

const dnOf = (number) => `uid=u${number},${peopleBase}`;

/** The last tenth of the people are no line managers. */
function ldif(people, teams) {
  const entries = [];
  for (let n = 0; n < people; n += 1) {
    entries.push(`dn: ${dnOf(n)}
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
${n === 0 ? '' : `manager: ${dnOf(Math.floor(n / 10))}\n`}`);
  }
  for (let team = 0; team < teams; team += 1) {
    const members = Array.from(
      { length: Math.min(groupSize, people) },
      (_, index) => `member: ${dnOf((team * 131 + index * 37) % people)}\n`,
    );
    entries.push(
      `dn: cn=team${team},${groupsBase}\nobjectClass: groupOfNames\ncn: team${team}\n${[...new Set(members)].join('')}`,
    );
  }
  return entries.join('\n');
}
