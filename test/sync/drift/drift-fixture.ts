import { defaultDriftSettings, type Drift, type DriftSettings } from '../../../src/model/target/drift.ts';
import { newPosition } from '../../../src/plan/drift/check-times.ts';
import { checkRecords } from '../../../src/sync/drift/check-records.ts';
import { checkTarget } from '../../../src/sync/drift/check-target.ts';
import { openDrift } from '../../../src/sync/drift/drift-report.ts';
import { wholeCheck, withCheck } from '../../../src/sync/drift/open-check.ts';
import { sync } from '../../../src/sync/pass.ts';
import type { Target } from '../../../src/scim/target.ts';
import { targetSpec } from '../company.ts';
import { createPassFixture, passOptions, type PassFixture } from '../pass-fixture.ts';

/** Passes and checks at one application in memory. */
export interface DriftFixture extends PassFixture {
  /** Compares everything. @returns the open differences: `changed User p1 title` */
  check(isRepairing?: boolean): Promise<readonly string[]>;
  /** The same, then the pass that repairs, and a read of what was repaired. */
  repair(): Promise<readonly string[]>;
}

const never = new AbortController().signal;

/** @param wrap changes what the application shows */
export function createDriftFixture(
  policy: Partial<DriftSettings['policy']> = {},
  wrap: (target: Target) => Target = (target) => target,
  protocol: Partial<PassFixture['spec']['profile']['protocol']> = {},
): DriftFixture {
  const base = targetSpec({});
  const fixture = createPassFixture({
    spec: {
      ...base,
      profile: { ...base.profile, protocol: { ...base.profile.protocol, ...protocol } },
      drift: { ...defaultDriftSettings, policy: { ...defaultDriftSettings.policy, ...policy } },
    },
  });
  const deps = () => ({ ...fixture.deps(), connect: () => wrap(fixture.target) });
  const compare = async (isRepairing: boolean) =>
    withCheck(deps(), fixture.spec, wholeCheck(isRepairing), never, async (check) => {
      await checkTarget(check, newPosition(check.clock.now(), undefined));
      return { found: [...openDrift(check, undefined)].map(describe), taken: check.findings.taken };
    });
  return Object.assign(fixture, {
    check: async (isRepairing = false) => (await compare(isRepairing)).found,
    async repair() {
      const { found, taken } = await compare(true);
      await sync(fixture.deps(), { ...passOptions, onlyRequeued: 'drift' }, never);
      await withCheck(deps(), fixture.spec, wholeCheck(false), never, (check) => checkRecords(check, taken));
      return found;
    },
  });
}

const describe = ({ kind, resourceType, key, path, member, held }: Drift): string =>
  [kind, resourceType, key, path, member?.owner?.key ?? member?.id ?? '', held ?? '']
    .filter((part) => part !== '')
    .join(' ');

/** A target that answers some questions in another way. */
export const shadowed = (target: Target, changes: Partial<Target>): Target =>
  Object.assign(Object.create(target) as Target, changes);
