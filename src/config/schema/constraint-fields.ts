import * as z from 'zod';
import { text } from './fields.ts';

const paths = () => z.array(text());
const count = () => z.int().min(1);

/** Constraints of the value at one path. */
export const valueConstraint = z.strictObject({
  maxLength: count().describe('Maximum length in characters; a user with a longer value is rejected.').exactOptional(),
  rejectPattern: text()
    .refine(isRegExp, { error: 'must be a regular expression' })
    .describe('Regular expression; a user with a matching value is rejected.')
    .exactOptional(),
  lowerCase: z.boolean().describe('Whether the value is sent in lower case.').exactOptional(),
});

/** Constraints of the elements of one multi-valued attribute. */
export const listConstraint = z.strictObject({
  maxItems: count()
    .describe('Maximum number of elements; others are omitted, and the primary one is never omitted.')
    .exactOptional(),
  primary: z
    .boolean()
    .describe('Whether exactly one element must be primary; by default the first one is.')
    .exactOptional(),
  subAttributes: paths().min(1).describe('Sub-attributes of an element; others are omitted.').exactOptional(),
  plain: z.boolean().describe('Elements are plain values: ["admin"], not [{"value": "admin"}].').exactOptional(),
});

function isRegExp(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}
