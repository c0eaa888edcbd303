/** As much of the JSON Schema of a profile as its words need. */
export interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** One word of the vocabulary. */
export interface ProfileSetting {
  /** Such as `supports.values.<path>.maxLength`: `<path>` and `<attribute>` stand for a name of one's own, `[]` for an element of a list. */
  readonly name: string;
  readonly meaning: string;
  /** What it may be, where that is one of a few texts, or a list of some of them. */
  readonly choices: readonly string[];
  /** What generic says; undefined inside of what it leaves empty. */
  readonly defaultValue: unknown;
}

export const sections = ['supports', 'protocol', 'limits'] as const;
export type Section = (typeof sections)[number];

/** A profile as it is written in a file. */
export type ProfileFile = Readonly<Partial<Record<Section, Readonly<Record<string, unknown>>>>>;

/** Every word of the vocabulary, in the order of the schema. */
export function listSettings(schema: Schema, generic: ProfileFile): readonly ProfileSetting[] {
  return sections.flatMap((part) => nestedSettings(schema.properties?.[part] ?? {}, part, generic[part]));
}

function nestedSettings({ properties = {} }: Schema, at: string, value: unknown): readonly ProfileSetting[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    toSettings(schema, `${at}.${name}`, (value as Readonly<Record<string, unknown>> | undefined)?.[name]),
  );
}

function toSettings(schema: Schema, name: string, value: unknown): readonly ProfileSetting[] {
  // What has a shape of its own is told by its parts, with what they are by default.
  if (schema.properties !== undefined) return nestedSettings(schema, name, value);
  const own = {
    name,
    meaning: schema.description ?? '',
    choices: schema.enum ?? schema.items?.enum ?? [],
    defaultValue: value,
  };
  if (typeof schema.additionalProperties === 'object')
    return [
      own,
      ...nestedSettings(
        schema.additionalProperties,
        `${name}.${name.endsWith('lists') ? '<attribute>' : '<path>'}`,
        undefined,
      ),
    ];
  return [own, ...nestedSettings(schema.items ?? {}, `${name}[]`, undefined)];
}
