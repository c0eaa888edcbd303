import type { Kind } from '../../model/kind.ts';

/** One attribute, in the words of RFC 7643 section 7, so that a definition is also what /Schemas answers. */
export type Definition = {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'default' | 'never';
  readonly uniqueness: 'none' | 'server';
  readonly subAttributes?: readonly Definition[];
  readonly referenceTypes?: readonly string[];
};

export type Schema = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Definition[];
};

/** What an endpoint serves: its own schema, the attributes that every resource has, and the extensions it takes. */
export interface ResourceType {
  readonly kind: Kind;
  readonly endpoint: string;
  readonly schema: Schema;
  /** `schema.attributes` and the common ones of RFC 7643 section 3.1. */
  readonly attributes: readonly Definition[];
  readonly extensions: readonly Schema[];
}

type Traits = Partial<Omit<Definition, 'name' | 'type' | 'description'>>;

/** A definition with the defaults of RFC 7643 section 2.2. */
export function attribute(
  name: string,
  type: Definition['type'],
  description: string,
  traits: Traits = {},
): Definition {
  return {
    name,
    type,
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...traits,
  };
}

const byName = new WeakMap<readonly Definition[], Map<string, Definition>>();

/** The definition with this name, compared without case (RFC 7643 section 2.1). */
export function named(definitions: readonly Definition[], name: string): Definition | undefined {
  let index = byName.get(definitions);
  if (index === undefined) {
    index = new Map(definitions.map((definition) => [definition.name.toLowerCase(), definition]));
    byName.set(definitions, index);
  }
  return index.get(name.toLowerCase());
}

/** The extension with this URN, compared without case. */
export function extensionNamed(type: ResourceType, urn: string): Schema | undefined {
  const wanted = urn.toLowerCase();
  return type.extensions.find(({ id }) => id.toLowerCase() === wanted);
}
