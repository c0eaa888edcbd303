// Complete passes over a real OpenLDAP server, compared with ldapts alone reading the same entries.
import { hasSlapd, openDirectoryFixture, runLdapts, startDirectory } from '../directory.mjs';

/** The start of the program is most of a pass with fewer people. */
const leastPeopleOfGoals = 20_000;
const goal = { ofFloor: 1.2 };

export const ldap = {
  about: 'passes over OpenLDAP, the floor is ldapts alone reading the same entries by pages',
  sizes: { people: [20_000], targets: [1] },
  missing: () => (hasSlapd() ? undefined : 'slapd, ldap-utils and openssl'),
  async run({ people, targets, runs, program }, results) {
    const slapd = await startDirectory(people);
    const opened = [];
    const open = async (changes, options) => {
      const fixture = await openDirectoryFixture(program, slapd, changes, { targets, ...options });
      opened.push(fixture);
      return fixture;
    };
    const measured = new Map();
    const note = (name, run) => measured.set(name, [...(measured.get(name) ?? []), run]);
    try {
      const cookies = await open(['sync']);
      const pages = await open([]);
      const contents = await open(['sync'], { source: { fullEveryHours: 1e-9 } });
      note('first load', await cookies.run('sync'));
      await pages.run('sync');
      await contents.run('sync');
      for (let run = 1; run <= runs; run += 1) {
        note('ldapts', await runLdapts(slapd));
        note('unchanged, by pages', await pages.run('sync'));
        note('unchanged, complete, with a cookie', await contents.run('sync'));
        note('unchanged, by cookie', await cookies.run('sync'));
      }
    } finally {
      for (const fixture of opened) fixture.close();
      await slapd[Symbol.asyncDispose]();
    }
    report(measured, people, results);
  },
};

function report(measured, people, results) {
  const ldapts = measured.get('ldapts');
  for (const [name, runs] of measured) {
    const isUnchanged = name.startsWith('unchanged');
    results.process(name, runs, {
      ...(name === 'ldapts' ? {} : { floor: ldapts, floorName: 'ldapts' }),
      goal: isUnchanged && people >= leastPeopleOfGoals ? goal : {},
    });
    if (!isUnchanged) continue;
    const requests = runs.map(({ sinkStats: { counts } }) => Object.values(counts).reduce((a, b) => a + b, 0));
    results.figure(`${name}: requests`, requests, 'requests', { most: 0 });
  }
}
