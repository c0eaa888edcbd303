import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import {
  RandomDirectory,
  changeKindCount,
  ServerDefect,
  type RandomChange,
} from '../../world/directory/random-directory.ts';
import { directoryMirror, type MirrorOptions } from '../../world/directory/mirror.ts';
import { startSlapd, type Slapd, type SlapdOptions } from '../../world/directory/servers/slapd.ts';
import { tickingClock } from '../../world/directory/ticking-clock.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';

jest.setTimeout(randomRunsTimeoutMs);

const uses: MirrorOptions['uses'] = {
  users: new Set(['uid', 'title', 'manager', 'employeeNumber', 'dn']),
  groups: new Set(['cn', 'description']),
};

type Shape = (life: RandomDirectory) => Pick<MirrorOptions, 'users' | 'groups'>;
const shapes: readonly Shape[] = [
  ({ base, people }) => ({
    users: { base: people, filter: '(!(employeeType=robot))' },
    groups: { base, filter: '(!(description=hidden))', nested: 'flatten' },
  }),
  ({ base, people }) => ({
    users: { base: people, filter: '(!(employeeType=robot))' },
    groups: { base, filter: '(!(description=hidden))', nested: 'keep' },
  }),
  ({ people, groups }) => ({
    users: { base: people, filter: '(objectClass=inetOrgPerson)', key: 'employeeNumber' },
    groups: { base: groups, nested: 'flatten' },
  }),
];

const randomChange: fc.Arbitrary<RandomChange> = fc.tuple(fc.nat(changeKindCount - 1), fc.nat(40), fc.nat(40));
const chapter = fc.record({ batch: fc.array(randomChange, { minLength: 1, maxLength: 6 }), isHasty: fc.boolean() });
const history = fc.record({
  shape: fc.constantFrom(...shapes),
  first: fc.array(randomChange, { maxLength: 12 }),
  chapters: fc.array(chapter, { minLength: 6, maxLength: 10 }),
});

const log = (lines: string): SlapdOptions => ({
  overlays: ['memberof', 'ppolicy'],
  database: `overlay syncprov\nsyncprov-checkpoint 100 1\n${lines}`,
});

/** Applies changes. A history that meets a defect of the server itself is discarded. */
async function applyBatch(life: RandomDirectory, batch: readonly RandomChange[]): Promise<void> {
  try {
    for (const one of batch) await life.applyChange(one);
    await life.flush();
  } catch (error) {
    fc.pre(!(error instanceof ServerDefect));
    throw error;
  }
}

describeOn('slapd', 'incremental reading', () => {
  describe.each<[string, SlapdOptions, boolean, number]>([
    ['that updates references', {}, true, 4533],
    ['that does not update references', { overlays: ['memberof', 'ppolicy', 'syncprov'] }, false, 4534],
    ['without memberOf', { overlays: ['refint', 'ppolicy', 'syncprov'] }, true, 4535],
    ['with a short log', log('syncprov-sessionlog 4'), false, 4536],
    ['without a log', log(''), false, 4537],
  ])('of a server %s', (_, options, tidies, seed) => {
    let slapd: Slapd;
    beforeAll(async () => {
      slapd = await startSlapd(options);
    });
    afterAll(() => slapd[Symbol.asyncDispose]());

    test('has the same result as a full read, after any history', async () => {
      let lives = 0;
      const readCounts = { incremental: 0, full: 0 };
      await fc.assert(
        fc.asyncProperty(history, async ({ shape, first, chapters }) => {
          const life = new RandomDirectory(slapd, `life-${(lives += 1)}`, tidies);
          const clock = tickingClock();
          const mirrorOptions = { ...shape(life), uses, clock };
          await applyBatch(life, first);
          await life.waitForReferences();
          using living = directoryMirror(slapd, mirrorOptions);
          await living.read();
          for (const { batch, isHasty } of chapters) {
            await applyBatch(life, batch);
            // A read while the server still updates references must not lose the updates that follow.
            if (isHasty) await living.read();
            await life.waitForReferences();
            const { isFullRead } = await living.read();
            readCounts[isFullRead ? 'full' : 'incremental'] += 1;
            using fresh = directoryMirror(slapd, mirrorOptions);
            await fresh.read();
            expect(living.lines()).toEqual(fresh.lines());
          }
        }),
        { seed, numRuns: randomRuns(4).numRuns, endOnFailure: true },
      );
      // With a session log most reads are incremental; with a short one or none, some are full.
      if (options.database === undefined) expect(readCounts.incremental).toBeGreaterThan(readCounts.full);
      else expect(readCounts.full).toBeGreaterThan(0);
    });
  });
});
