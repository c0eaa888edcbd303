import * as z from 'zod';

/** Types of values that several parts of the configuration share. */

/** A string with at least one character. */
export const text = () => z.string().min(1);

/** An expression in CEL; rules/ checks its syntax and reports the position of an error. */
export const expression = () => text().meta({ $comment: expressionComment });

/** Marks expressions in the generated schema. */
export const expressionComment = 'expression';

/** Name of a file, relative to the folder of the configuration file. */
export const fileName = () => text();

/** A secret or a reference to it. A literal secret works, with a warning. */
export const secret = () =>
  z.union(
    [
      z.strictObject({ env: text().describe('Name of the environment variable with the secret.') }),
      z.strictObject({
        file: fileName().describe('File with the secret; a line break at its end is ignored.'),
      }),
      z.strictObject({
        credential: z
          .string()
          .regex(/^[^/\u0000]+$/, { error: 'must be the name of a credential of systemd, without slashes' })
          .describe('Name of a credential that systemd provides (LoadCredential=, LoadCredentialEncrypted=).'),
      }),
      text().describe('The secret itself. Works, with a warning: every reader of this file can use it.'),
    ],
    { error: 'must be {"env": "NAME"}, {"file": "path"} or {"credential": "NAME"}' },
  );

const percentPattern = /^(100(\.0+)?|\d{1,2}(\.\d+)?)\s?%$/;
const percentMessage = 'must be a percentage from "0%" to "100%"';
const limitMessage =
  'must be a count such as 20, a percentage from "0%" to "100%", or an object such as {"limit": "5%", "floor": 10}';

/** `"30%"`. */
export const percentage = () => z.string({ error: percentMessage }).regex(percentPattern, { error: percentMessage });

/** `20`, `"5%"` or `{"limit": "5%", "floor": 10}`. */
export const limit = () =>
  z.union(
    [
      z.int().min(0),
      z.string().regex(percentPattern, { error: limitMessage }),
      z.strictObject({
        limit: percentage().describe('The share that is allowed.'),
        floor: z.int().min(0).describe('The share never holds up to this number.'),
      }),
    ],
    { error: limitMessage },
  );

const durationMessage = 'must be a duration such as "24h", "90m" or "7d"';

/** `"24h"`: a whole number of seconds, minutes, hours or days. */
export const duration = () => z.string({ error: durationMessage }).regex(/^\d{1,6}[smhd]$/, { error: durationMessage });

const tableMessage = 'must be a text, a number, true, false or a list of texts';

/** `{"cost": {"1100": "Sales"}}`: look-up values by the name of their table and by key. */
export const tables = () =>
  z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be a plain word, because expressions contain it' }),
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], { error: tableMessage })),
  );
