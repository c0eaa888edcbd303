import * as z from 'zod';
import { keyFormSteps } from '../../model/reading/key-form.ts';
import { limit, percentage } from './fields.ts';

/** Options of every source. */

export const changes = () =>
  z
    .enum(['scheduled', 'live'])
    .default('scheduled')
    .describe('When the daemon reads the source: by schedule, or also as soon as the source changes ("live").');

/** `changes` of a source that reports no changes. */
export const scheduledOnly = () =>
  z
    .enum(['scheduled'])
    .default('scheduled')
    .describe('When the daemon reads the source: by schedule, because it reports no changes.');

export const relink = () =>
  z
    .enum(['ask', 'auto'])
    .default('ask')
    .describe(
      'What happens to a user whose key changed (same userName or e-mail address, and same name): "ask" holds both ' +
        'keys until "scimsync relink"; "auto" moves the account if at most 10 keys changed in one reading.',
    );

export const keyForm = () =>
  z
    .array(z.enum(keyFormSteps))
    .default([])
    .describe(
      'What does not distinguish two keys, nor the references to them (members, managers): "trim" blanks at the ends ' +
        'and invisible characters, "ignoreCase", "stripLeadingZeros" ("00100" is "100"). Default: every character ' +
        'counts.',
    );

/** Limits for the plausibility of a reading, as percentages. */
export const sanity = z
  .strictObject({
    maxShrink: percentage()
      .default('30%')
      .describe(
        'A reading that lost more than this share of its users or groups is rejected: nothing is planned from it.',
      ),
    maxBlank: percentage()
      .default('20%')
      .describe(
        'A reading is rejected if a used attribute became blank for more than this share of the users who had it.',
      ),
    maxDangling: limit()
      .default('10%')
      .describe(
        'A reading is rejected if more members or groups than this are no records of the source: a count, or a ' +
          'share (never up to 10). In a directory, and of managers, those count that pointed to a record before.',
      ),
  })
  .prefault({})
  .describe('When a reading of the source is implausible.');
