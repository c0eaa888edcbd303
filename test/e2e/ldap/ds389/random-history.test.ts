import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { startDs389, type Ds389 } from '../../../world/directory/servers/ds389.ts';
import { RandomDirectory, randomChanges } from '../../../world/directory/ds389-random-directory.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import { directoryMirror, type DirectoryMirror } from '../../../world/directory/mirror.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../../world/random-runs.ts';

jest.setTimeout(randomRunsTimeoutMs);

const uses = { users: new Set(['uid', 'title', 'manager', 'dn']), groups: new Set(['cn']) };

const mirrorOf = (server: Ds389, life: RandomDirectory, nested: 'flatten' | 'keep'): DirectoryMirror =>
  directoryMirror(server, {
    users: { base: life.people, filter: '(employeeType=staff)' },
    groups: { base: life.groups, nested },
    uses,
  });

describeOn('389ds', 'random histories of a 389 Directory Server', () => {
  describe.each([[true], [false]])('referential integrity: %s', (referentialIntegrity) => {
    let server: Ds389;
    let lives = 0;
    let [readCount, fullReadCount] = [0, 0];
    beforeAll(async () => {
      server = await startDs389({ referentialIntegrity });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test('incremental reads have the result of a full read', async () => {
      await fc.assert(
        fc.asyncProperty(
          randomChanges(6),
          fc.constantFrom('flatten' as const, 'keep' as const),
          async (all, nested) => {
            const life = new RandomDirectory(`ou=life ${(lives += 1)},${server.suffix}`);
            await server.change(life.begin());
            using mirror = mirrorOf(server, life, nested);
            await mirror.read();
            const read = async (): Promise<void> => {
              readCount += 1;
              if ((await mirror.read()).isFullRead) fullReadCount += 1;
            };
            for (const event of all) {
              if (event[0] === 'read') await read();
              const ldif = life.applyChange(event);
              if (ldif !== '') await server.change(ldif);
            }
            await read();
            using fresh = mirrorOf(server, life, nested);
            await fresh.read();
            expect(mirror.lines()).toEqual(fresh.lines());
          },
        ),
        { seed: 389, numRuns: randomRuns(6).numRuns },
      );
      // With more full reads, the test would compare full reads with full reads.
      expect(fullReadCount).toBeLessThan(readCount / 2);
    });
  });
});
