/** The parts of a JSON Schema that the generator reads. */
export interface Schema {
  readonly $ref?: string;
  readonly $comment?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** The forms that a value can have, without the reference to the environment, which each value can be. */
export function formsOf(schema: Schema): readonly Schema[] {
  const forms = schema.oneOf ?? schema.anyOf;
  if (forms === undefined) return schema.$ref === undefined ? [schema] : [];
  return forms.flatMap(formsOf);
}

/** The objects that differ by their `type`, each with that value. */
export function variantsOf(schema: Schema): readonly (readonly [string, Schema])[] {
  return formsOf(schema).flatMap((form) => {
    const type = form.properties?.['type']?.const;
    return typeof type === 'string' ? [[type, form] as const] : [];
  });
}

const secretKeys: ReadonlySet<string> = new Set(['env', 'file', 'credential']);

/** Whether an object names where a secret is: `{"env": "NAME"}`. */
export function isSecret({ properties = {} }: Schema): boolean {
  const [name, ...others] = Object.keys(properties);
  return name !== undefined && others.length === 0 && secretKeys.has(name);
}
