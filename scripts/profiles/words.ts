/** As much of the JSON Schema of a profile as its words need. */
export interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** One word of the vocabulary. */
export interface Word {
  /** Such as `holds.values.<path>.longest`: `<path>` and `<attribute>` stand for a name of one's own, `[]` for an element of a list. */
  readonly name: string;
  readonly meaning: string;
  /** What it may be, where that is one of a few texts, or a list of some of them. */
  readonly choices: readonly string[];
  /** What generic says; undefined inside of what it leaves empty. */
  readonly byDefault: unknown;
}

export const parts = ['holds', 'speaks', 'allows'] as const;
export type Part = (typeof parts)[number];

/** A profile as it is written in a file. */
export type Written = Readonly<Partial<Record<Part, Readonly<Record<string, unknown>>>>>;

/** Every word of the vocabulary, in the order of the schema. */
export function wordsOf(schema: Schema, generic: Written): readonly Word[] {
  return parts.flatMap((part) => inside(schema.properties?.[part] ?? {}, part, generic[part]));
}

function inside({ properties = {} }: Schema, at: string, value: unknown): readonly Word[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    word(schema, `${at}.${name}`, (value as Readonly<Record<string, unknown>> | undefined)?.[name]),
  );
}

function word(schema: Schema, name: string, value: unknown): readonly Word[] {
  // What has a shape of its own is told by its parts, with what they are by default.
  if (schema.properties !== undefined) return inside(schema, name, value);
  const own = {
    name,
    meaning: schema.description ?? '',
    choices: schema.enum ?? schema.items?.enum ?? [],
    byDefault: value,
  };
  if (typeof schema.additionalProperties === 'object')
    return [
      own,
      ...inside(schema.additionalProperties, `${name}.${name.endsWith('lists') ? '<attribute>' : '<path>'}`, undefined),
    ];
  return [own, ...inside(schema.items ?? {}, `${name}[]`, undefined)];
}
