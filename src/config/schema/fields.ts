import { z } from 'zod';

/** The kinds of values that several parts of the configuration share. */

/** Text that says something. */
export const text = () => z.string().min(1);

/** An expression in CEL; that it is one is checked by the rules, which can say where it is wrong. */
export const expression = () => text();

/** Name of a file; relative names start from the folder of the configuration file. */
export const fileName = () => text();

/** A secret, or where it is. A text is the secret itself, which works and is warned about. */
export const secret = () =>
  z.union(
    [
      z.strictObject({ env: text().describe('Name of the environment variable that holds it.') }),
      z.strictObject({
        file: fileName().describe('File that holds it; a line break at its end does not belong to it.'),
      }),
      text().describe('The secret itself. Works, and gives a warning: whoever reads this file can use it.'),
    ],
    { error: 'must be {"env": "NAME"} or {"file": "path"}' },
  );

const percentPattern = /^(100(\.0+)?|\d{1,2}(\.\d+)?)\s?%$/;
const percentMessage = 'must be a percentage from "0%" to "100%"';
const limitMessage = 'must be a count such as 20, or a percentage from "0%" to "100%"';

/** `"30%"`. */
export const percentage = () => z.string({ error: percentMessage }).regex(percentPattern, { error: percentMessage });

/** `20` or `"5%"`. */
export const limit = () =>
  z.union([z.int().min(0), z.string().regex(percentPattern, { error: limitMessage })], { error: limitMessage });
