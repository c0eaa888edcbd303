import * as z from 'zod';
import { pageSchema } from '../schema/page-schema.ts';
import { text } from '../schema/fields.ts';

/** The settings of a process that serves many tenants: `tenants.json` in the folder of their configurations. */
export const tenantsSchema = z
  .strictObject({
    $schema: text().exactOptional(),
    maxRequests: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('Requests to targets in flight at the same time, over all tenants.'),
    maxRequestsPerTenant: z
      .int()
      .min(1)
      .max(10_000)
      .default(25)
      .describe('Of these, those of one tenant. The limits of its targets count besides.'),
    maxReadings: z
      .int()
      .min(1)
      .max(1_000)
      .default(4)
      .describe(
        'Passes that read and plan at the same time. The others wait; one that takes longer than 10 s counts no more.',
      ),
    lookSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(10)
      .describe('How often the folder is looked at for new, changed and removed files, in seconds.'),
    http: pageSchema.exactOptional(),
  })
  .describe('Settings of "scimsync daemon --configs DIR", in DIR/tenants.json.');
