import * as z from 'zod';
import { duration, limit } from './fields.ts';

/** Limits above which a part of a plan needs an approval, for one target. */
export const guardSchema = z
  .strictObject({
    maxRemovals: limit()
      .default('5%')
      .describe('People deactivated or deleted, or missing at the target: a count, or a share of the active ones.'),
    maxGroupRemovals: limit()
      .describe('Groups emptied, deleted or missing at the target. Default: as maxRemovals.')
      .exactOptional(),
    maxMembershipRemovals: limit()
      .describe(
        'Memberships that end although the person stays; deleting a group of 36 ends 36. Default: as maxRemovals.',
      )
      .exactOptional(),
    maxCreates: limit().default('30%').describe('People created after the first load.'),
    maxReactivations: limit().default('10%').describe('People whose deactivated account is activated again.'),
    maxRenames: limit().default('10%').describe('People whose userName, e-mail address or active changes.'),
    maxAttributeChanges: limit()
      .default('50%')
      .describe('People for whom one and the same other attribute changes, by the source or by a changed mapping.'),
    maxMembershipAdditions: limit().default('50%').describe('Memberships added for people who have an account.'),
    maxGroupRenames: limit().default('10%').describe('Groups whose name changes.'),
    floor: z
      .int()
      .min(0)
      .default(10)
      .describe('Percentages never hold up to this number, or up to half of what a small target holds.'),
    window: duration()
      .default('24h')
      .describe('Changes of this period count together: "24h", "90m", "7d". "0h": each pass is judged alone.'),
  })
  .prefault({})
  .describe('Limits above which a part of a plan is held until an operator approves it.');
