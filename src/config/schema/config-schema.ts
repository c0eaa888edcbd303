import { z } from 'zod';
import { fileName, text } from './fields.ts';
import { sourceSchema } from './source-schema.ts';
import { targetSchema } from './target-schema.ts';

/** The configuration file as written. Structure only: what takes more than one look is checked by rules/. */
export const configSchema = z
  .strictObject({
    $schema: text().describe('For editors: ./config/sync.schema.json').exactOptional(),
    state: fileName().default('./scimsync.db').describe('File that remembers what every target acknowledged.'),
    schedule: text().describe('When "scimsync daemon" makes a pass, in cron notation: */15 * * * *').exactOptional(),
    timezone: text().default('UTC').describe('Time zone in which schedule is meant, such as Europe/Berlin.'),
    source: sourceSchema,
    targets: z.array(targetSchema).min(1).describe('The applications to keep in step.'),
  })
  .describe('Configuration of scimsync');

/** What the operator wrote, with the defaults filled in. */
export type ParsedConfig = z.output<typeof configSchema>;

type DeepPartial<T> = T extends readonly (infer Element)[]
  ? readonly (DeepPartial<Element> | undefined)[]
  : T extends object
    ? { readonly [Name in keyof T]?: DeepPartial<T[Name]> | undefined }
    : T;

/** What the operator wrote, without whatever the schema refuses: anything may be missing, and what is there has the right type. */
export type PartialConfig = DeepPartial<z.input<typeof configSchema>>;
