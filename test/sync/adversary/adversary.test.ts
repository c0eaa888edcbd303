import { expect, jest, test } from '@jest/globals';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { runHistory } from './history.ts';

jest.setTimeout(randomRunsTimeoutMs);

const { numRuns, seed: firstSeed } = randomRuns(40);

/**
 * Random histories at a server that draws from all faults. After each pass, the server's own state is the judge: no
 * open leaver with exit code 0 that the second look does not find, no lost account, no change to other accounts, and a
 * bounded number of requests. Once the faults end, the target converges.
 */
test.each(Array.from({ length: numRuns }, (_, index) => firstSeed + 75 + index))(
  'random history %i at an adversary: no open leaver unnoticed, no harm to others, convergence',
  async (seed) => {
    const { violations, temper } = await runHistory(seed);
    expect({ violations, temper }).toEqual({ violations: [], temper });
  },
);
