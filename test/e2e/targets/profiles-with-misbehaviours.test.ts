import { readdirSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { catalogue } from '../../../src/sandbox/misbehaviours/catalogue.ts';
import { profilesFolder } from '../../config/fixtures.ts';
import { rehearsalCases } from '../../world/rehearsal/cases.ts';
import { profileSetup } from '../../world/rehearsal/profile-setup.ts';
import { rehearse } from '../../world/rehearsal/rehearsal.ts';
import { safetyViolations } from '../../world/rehearsal/violations.ts';

jest.setTimeout(180_000);

/** "all" crosses every profile with every misbehaviour (scripts/crossings); otherwise one number for each profile. */
const isComplete = process.env['CROSSINGS'] === 'all';

const profiles = readdirSync(profilesFolder)
  .map((file) => file.replace(/\.json$/, ''))
  .sort();
const numbers = catalogue.filter((each) => !('cannot' in each)).map(({ number }) => number);

/** Responses of 28 MB take seconds; the test of the misbehaviour alone is enough for the suite. */
const slow = 109;
/** Numbers that misbehaviours.test.ts and misbehaviours-from-86.test.ts cover. */
const covered = numbers.filter(
  (number) => number !== slow && (number <= 85 || rehearsalCases.some((each) => each.number === number)),
);

/** The sample takes each profile once, and numbers that are far from each other. */
const crossings = profiles.flatMap((name, at): readonly (readonly [string, number])[] =>
  isComplete ? numbers.map((number) => [name, number]) : [[name, covered[(at * 41) % covered.length] ?? 0]],
);

test.each(crossings)(
  '%s with misbehaviour %i: no open leaver unnoticed, no loop, no unrelated change',
  async (name, number) => {
    const { sandbox, settings } = profileSetup(name);
    const passes = await rehearse({ misbehaviours: [number], sandbox, settings, recoveryPasses: 6 });
    const last = passes.at(-1);
    expect(safetyViolations(passes)).toEqual([]);
    // It converges, or it fails and reports so.
    if (last?.run.code === 0) expect(last.openLeavers).toEqual([]);
  },
);
