import * as z from 'zod';
import { driftSchema } from './target/drift-schema.ts';
import { tables, text } from './fields.ts';
import { incidentsSchema, notifySchema } from './notify/notify-schema.ts';
import { pageSchema } from './page-schema.ts';
import { sourceSchema, sourcesSchema } from './source-schema.ts';
import { stateSchema } from './state/state-schema.ts';
import { targetSchema } from './target-schema.ts';

/** The configuration file as written. It checks the structure only; rules/ checks what involves several values. */
export const configSchema = z
  .strictObject({
    $schema: text().describe('URL of this schema, for editors: ./config/sync.schema.json').exactOptional(),
    state: stateSchema,
    schedule: text().describe('When "scimsync daemon" starts a pass, in cron notation: */15 * * * *').exactOptional(),
    timezone: text().default('UTC').describe('Time zone of schedule, such as Europe/Berlin.'),
    stopSeconds: z
      .number()
      .min(0)
      .max(300)
      .default(5)
      .describe(
        'After SIGTERM, requests in flight get this time. Then they are aborted, and the next pass reads back.',
      ),
    history: z
      .strictObject({
        keepDays: z
          .number()
          .int()
          .min(30)
          .max(36_500)
          .default(400)
          .describe('Days for which the journal keeps passes and operations. What is still open stays longer.'),
      })
      .default({ keepDays: 400 })
      .describe('How long the journal remembers what was done.'),
    http: pageSchema.exactOptional(),
    notify: notifySchema.default([]),
    incidents: incidentsSchema.exactOptional(),
    source: sourceSchema.exactOptional(),
    sources: sourcesSchema.exactOptional(),
    tables: tables()
      .describe(
        'Tables of look-up values for the expressions of all targets: {"cost": {"1100": "Sales"}} for ' +
          'tables.cost[user.cc].',
      )
      .exactOptional(),
    drift: driftSchema
      .describe('How targets are compared with what they acknowledged: "scimsync drift" and the daemon.')
      .exactOptional(),
    targets: z.array(targetSchema).min(1).describe('The applications to provision.'),
  })
  .describe('Configuration of scimsync');

/** The configuration with defaults. */
export type ParsedConfig = z.output<typeof configSchema>;

/** One source with defaults. */
export type ParsedSource = NonNullable<ParsedConfig['source']>;

/** One of several sources with defaults. */
export type ParsedNamedSource = NonNullable<ParsedConfig['sources']>[string];

type DeepPartial<T> = T extends readonly (infer Element)[]
  ? readonly (DeepPartial<Element> | undefined)[]
  : T extends object
    ? { readonly [Name in keyof T]?: DeepPartial<T[Name]> | undefined }
    : T;

/** The configuration without invalid parts: every value may be missing, and each present value has the right type. */
export type PartialConfig = DeepPartial<z.input<typeof configSchema>>;
