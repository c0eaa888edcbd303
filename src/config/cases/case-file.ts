import * as z from 'zod';
import { formatIssue } from '../issues.ts';
import { JsonSyntaxError, parseJson } from '../parse/json.ts';
import { describeZodIssues } from '../parse/zod-messages.ts';
import { jsonSchema } from '../schema/json-schema.ts';

const row = z.record(z.string(), z.json());

const parts = {
  users: z.array(row).default([]),
  groups: z.array(row).default([]),
  nested: z.array(row).default([]),
  memberships: z.array(row).default([]),
};

const caseSchema = z.strictObject({
  $comment: z.string().optional(),
  at: z.string().min(1),
  ...parts,
  joined: z.record(z.string(), z.strictObject(parts)).default({}),
});

/** The records of one source in a case: rows, entries or resources, as the source has them. */
export type CaseRecords = Readonly<
  Record<keyof typeof parts, readonly Readonly<Record<string, z.core.util.JSONType>>[]>
>;

/** A case of a golden test: what the sources contain at a moment. */
export interface Case extends CaseRecords {
  /** A date or a time, as in `plan --at`. */
  readonly at: string;
  /** By the names of the joined sources. */
  readonly joined: Readonly<Record<string, CaseRecords>>;
}

/** A case, or the mistakes of its file. */
export type ParsedCase = { readonly case: Case } | { readonly mistakes: readonly string[] };

/** Reads the text of a case: JSON, comments permitted. */
export function parseCase(text: string): ParsedCase {
  try {
    const { value, duplicates } = parseJson(text);
    if (duplicates.length > 0)
      return { mistakes: duplicates.map((path) => `${path}: occurs twice; keep one of the two`) };
    const result = caseSchema.safeParse(value, { reportInput: true, jitless: true });
    if (result.success) return { case: result.data };
    const issues = describeZodIssues(result.error.issues, { schema: jsonSchema(caseSchema), value });
    return { mistakes: issues.map(formatIssue) };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { mistakes: [`is not valid JSON: ${error.message}`] };
    throw error;
  }
}
