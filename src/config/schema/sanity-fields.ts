import { z } from 'zod';
import { percentage } from './fields.ts';

/** How any source is read. */

export const changes = () =>
  z
    .enum(['scheduled', 'live'])
    .default('scheduled')
    .describe('When the daemon looks for changes: by schedule, or also as soon as the source changes ("live").');

export const sanity = z
  .strictObject({
    maxShrink: percentage()
      .default('30%')
      .describe(
        'A reading that lost more than this share of its people or groups is refused: nothing is planned from it.',
      ),
    maxBlank: percentage()
      .default('20%')
      .describe(
        'A reading is refused when an attribute in use is suddenly blank for more than this share of those who had it.',
      ),
  })
  .prefault({})
  .describe('When a reading of the source is not believed.');
