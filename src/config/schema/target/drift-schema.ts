import * as z from 'zod';
import { driftActions } from '../../../model/target/drift.ts';

/** How targets are compared with what they acknowledged; the settings of a target replace the common ones. */
export const driftSchema = z.strictObject({
  policy: z
    .record(z.string(), z.enum(driftActions))
    .describe(
      'What happens where a target differs, by attribute path; "*": all other attributes; "members": memberships; ' +
        '"deleted": accounts and groups that are gone. Default: report. Accounts of leavers that are active again, ' +
        'and memberships that scimsync had ended: repair.',
    )
    .exactOptional(),
  requestsPerHour: z
    .int()
    .min(0)
    .max(1_000_000)
    .describe('The daemon compares continuously, with at most this number of requests in an hour. Default: 0, never.')
    .exactOptional(),
  everyDays: z
    .number()
    .min(1)
    .max(365)
    .describe('The daemon compares every account at least once in this number of days. Default: 7.')
    .exactOptional(),
});
