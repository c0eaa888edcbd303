import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { describeOn } from '../../world/directory/describe-on.ts';
import { DirectoryLife, happenings, ServerAtFault, type Happening } from '../../world/directory/life.ts';
import { directoryMirror, type MirrorOptions } from '../../world/directory/mirror.ts';
import { startSlapd, type Slapd, type SlapdOptions } from '../../world/directory/slapd.ts';
import { steadyClock } from '../../world/directory/steady-clock.ts';

jest.setTimeout(120_000);

const uses: MirrorOptions['uses'] = {
  users: new Set(['uid', 'title', 'manager', 'employeeNumber', 'dn']),
  groups: new Set(['cn', 'description']),
};

type Shape = (life: DirectoryLife) => Pick<MirrorOptions, 'users' | 'groups'>;
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

const happening: fc.Arbitrary<Happening> = fc.tuple(fc.nat(happenings - 1), fc.nat(40), fc.nat(40));
const chapter = fc.record({ batch: fc.array(happening, { minLength: 1, maxLength: 6 }), isHasty: fc.boolean() });
const history = fc.record({
  shape: fc.constantFrom(...shapes),
  first: fc.array(happening, { maxLength: 12 }),
  chapters: fc.array(chapter, { minLength: 6, maxLength: 10 }),
});

const log = (lines: string): SlapdOptions => ({
  overlays: ['memberof', 'ppolicy'],
  database: `overlay syncprov\nsyncprov-checkpoint 100 1\n${lines}`,
});

/** Lets it happen; a history that the server itself cannot bear is none. */
async function livedThrough(life: DirectoryLife, batch: readonly Happening[]): Promise<void> {
  try {
    for (const one of batch) await life.happen(one);
    await life.flush();
  } catch (error) {
    fc.pre(!(error instanceof ServerAtFault));
    throw error;
  }
}

describeOn('slapd', 'incremental reading', () => {
  describe.each<[string, SlapdOptions, boolean, number]>([
    ['that puts names right', {}, true, 4533],
    ['that leaves names as they are', { overlays: ['memberof', 'ppolicy', 'syncprov'] }, false, 4534],
    ['that tells nobody their groups', { overlays: ['refint', 'ppolicy', 'syncprov'] }, true, 4535],
    ['with a short log', log('syncprov-sessionlog 4'), false, 4536],
    ['without a log', log(''), false, 4537],
  ])('of a server %s', (_, options, tidies, seed) => {
    let slapd: Slapd;
    beforeAll(async () => {
      slapd = await startSlapd(options);
    });
    afterAll(() => slapd[Symbol.asyncDispose]());

    test('comes to the same as reading everything, whatever happens', async () => {
      let lives = 0;
      const ways = { changes: 0, everything: 0 };
      await fc.assert(
        fc.asyncProperty(history, async ({ shape, first, chapters }) => {
          const life = new DirectoryLife(slapd, `life-${(lives += 1)}`, tidies);
          const clock = steadyClock();
          const mirrorOptions = { ...shape(life), uses, clock };
          await livedThrough(life, first);
          await life.settled();
          using living = directoryMirror(slapd, mirrorOptions);
          await living.read();
          for (const { batch, isHasty } of chapters) {
            await livedThrough(life, batch);
            // Read at once, while the server may still be at it; what it does afterwards must not be missed either.
            if (isHasty) await living.read();
            await life.settled();
            const { isWhole } = await living.read();
            ways[isWhole ? 'everything' : 'changes'] += 1;
            using fresh = directoryMirror(slapd, mirrorOptions);
            await fresh.read();
            expect(living.lines()).toEqual(fresh.lines());
          }
        }),
        { seed, numRuns: 8, endOnFailure: true },
      );
      // A server with a log is asked for changes most of the time, and one without never tells any.
      if (options.database === undefined) expect(ways.changes).toBeGreaterThan(ways.everything);
      else expect(ways.everything).toBeGreaterThan(0);
    });
  });
});
