// Many memberships in a file of their own, with a rule that uses groups. The floor is csv-parse reading the
// memberships.
import { join } from 'node:path';
import { floor, runMeasured } from '../measure.mjs';
import { membersPerRequest, openFixture } from '../fixture.mjs';
import { groupScope, membershipMapping, membershipSource, writeCompany } from '../memberships.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';

const groupsPerPerson = 0.05;
const membershipsPerPerson = 30;
const maxPeakMb = 220;

export const memberships = {
  about: `${membershipsPerPerson} memberships per person; the floor is csv-parse reading the file of memberships`,
  sizes: { people: [100_000] },
  runs: 1,
  async run({ people, runs, program }, results) {
    const fixture = await openFixture(program, {
      source: membershipSource,
      mapping: membershipMapping,
      target: { scope: groupScope, guard: unlimitedGuard },
    });
    const company = {
      people,
      groups: Math.max(1, Math.round(people * groupsPerPerson)),
      memberships: people * membershipsPerPerson,
    };
    const measured = new Map();
    const note = (name, run) => measured.set(name, [...(measured.get(name) ?? []), run]);
    try {
      writeCompany(fixture.folder, company);
      note('dry run of the first load', await fixture.run('plan'));
      note('first load', await fixture.run('sync'));
      for (let run = 1; run <= runs; run += 1) {
        note('csv-parse', await runMeasured(floor('csv-parse'), [join(fixture.folder, 'members.csv')]));
        note('unchanged', await fixture.run('sync'));
        writeCompany(fixture.folder, company, run);
        note('one membership less', await fixture.run('sync'));
        note('sync --full', await fixture.run('sync', '--full'));
      }
    } finally {
      fixture.close();
    }
    const of = { floor: measured.get('csv-parse'), floorName: 'csv-parse', goal: { peakMb: maxPeakMb } };
    for (const [name, list] of measured) results.process(name, list, name === 'csv-parse' ? {} : of);
    const writes = (name) => measured.get(name).map(({ sinkStats: { counts } }) => counts['PATCH /Groups'] ?? 0);
    const each = company.memberships / company.groups;
    const expected = company.groups * Math.ceil(each / membersPerRequest);
    results.figure('first load: requests for members', writes('first load'), 'requests', { most: expected });
    results.figure('unchanged: requests for members', writes('unchanged'), 'requests', { most: 0 });
    results.figure('one membership less: requests for members', writes('one membership less'), 'requests', { most: 1 });
    results.figure(
      'state file',
      measured.get('first load').map(({ stateMb }) => stateMb),
      'MB',
    );
  },
};
