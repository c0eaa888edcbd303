/** The parts of JSON Schema that the schema of a profile uses. */
export interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** One setting of a profile. */
export interface ProfileSetting {
  /**
   * Such as `supports.values.<path>.maxLength`: `<path>` and `<attribute>` stand for a key, `[]` for a list element.
   */
  readonly name: string;
  readonly meaning: string;
  /** The permitted values, if it is an enumeration or a list of such values. */
  readonly choices: readonly string[];
  /** The value of `generic`; undefined inside an object that `generic` leaves empty. */
  readonly defaultValue: unknown;
}

export const sections = ['supports', 'protocol', 'limits'] as const;
export type Section = (typeof sections)[number];

/** A profile as in its file. */
export type ProfileFile = Readonly<Partial<Record<Section, Readonly<Record<string, unknown>>>>>;

/** All settings, in the order of the schema. */
export function listSettings(schema: Schema, generic: ProfileFile): readonly ProfileSetting[] {
  return sections.flatMap((part) => nestedSettings(schema.properties?.[part] ?? {}, part, generic[part]));
}

function nestedSettings({ properties = {} }: Schema, at: string, value: unknown): readonly ProfileSetting[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    toSettings(schema, `${at}.${name}`, (value as Readonly<Record<string, unknown>> | undefined)?.[name]),
  );
}

function toSettings(schema: Schema, name: string, value: unknown): readonly ProfileSetting[] {
  // An object is described by its properties and their defaults.
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
