import * as z from 'zod';

/** The parts of JSON Schema that the generated schemas use. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  /** The schema of properties with any name. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly type?: string;
  /** The kind of a text that `type` does not tell. */
  readonly $comment?: string;
}

/** The JSON Schema (draft 2020-12) of the input, before defaults. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  const known = generated.get(schema) ?? (z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
  generated.set(schema, known);
  return known;
}

/** It takes longer than to check a configuration. */
const generated = new WeakMap<z.ZodType, JsonSchema>();
