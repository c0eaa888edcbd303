import * as z from 'zod';
import { fileName, secret } from '../fields.ts';

const schemaMessage = 'must be a name of at most 40 lower-case letters, digits and _, such as "scimsync"';

const postgres = z
  .strictObject({
    url: secret().describe('URL of the database: postgres://user:password@host:5432/database?sslmode=verify-full'),
    schema: z
      .string({ error: schemaMessage })
      .regex(/^[a-z_][a-z0-9_]{0,39}$/, { error: schemaMessage })
      .default('scimsync')
      .describe('The schema that holds the state. It belongs to this configuration alone.'),
    caFile: fileName()
      .describe('PEM file of the authorities that sign the certificate of the server, besides those of Node.js.')
      .exactOptional(),
    copy: fileName()
      .describe(
        'File that keeps the working copy between commands, so that large states are not read again. Without it, ' +
          'each process has a temporary one.',
      )
      .exactOptional(),
  })
  .describe('A PostgreSQL database, which several machines can use.');

/** Where the state is: in a file, or in a database. */
export const stateSchema = z
  .union([fileName(), z.strictObject({ postgres })], {
    error: 'must be the name of a file, or an object such as {"postgres": {"url": {"env": "DATABASE_URL"}}}',
  })
  .default('./scimsync.db')
  .describe('State file, which stores what every target acknowledged; or {"postgres": {"url": {"env": "NAME"}}}.');
