/** The attribute types of a server (RFC 4512 4.1.2). */
export interface Schema {
  /** Whether the values are binary; undefined where the schema does not define the attribute. */
  isBinary(attribute: string): boolean | undefined;
  /** Whether the values are compared with their case. */
  isCaseExact(attribute: string): boolean;
  /** Names and OIDs of all such attributes, in lower case. */
  readonly caseExactNames: readonly string[];
  /** All names of an attribute and its OID, in lower case; the given name alone for an unknown attribute. */
  allNamesOf(attribute: string): readonly string[];
  /** The names in the spelling of the schema, without the OID. */
  spellings(attribute: string): readonly string[];
}

/** For a server that does not publish its schema: the type of every attribute is unknown. */
export const noSchema: Schema = {
  isBinary: () => undefined,
  isCaseExact: () => false,
  caseExactNames: [],
  allNamesOf: (attribute) => [attribute.toLowerCase()],
  spellings: () => [],
};

/**
 * Syntaxes with binary values (RFC 4517 3.3, RFC 4523 2, and those that RFC 2252 4.3.1 marks as not human-readable).
 */
const binarySyntaxes: ReadonlySet<string> = new Set(
  [4, 5, 8, 9, 10, 23, 28, 40, 49].map((arc) => `1.3.6.1.4.1.1466.115.121.1.${arc}`),
);

/** caseExactMatch, caseExactIA5Match and octetStringMatch, by name or OID (RFC 4517 4.2). */
const caseExactRules = /^(?:caseExact|octetString|(?:2\.5\.13\.(?:5|17)|1\.3\.6\.1\.4\.1\.1466\.109\.114\.1)$)/i;

interface AttributeTypeDescription {
  /** In lower case, with the OID. */
  readonly names: readonly string[];
  readonly spellings: readonly string[];
  readonly sup: string | undefined;
  readonly syntax: string | undefined;
  readonly equality: string | undefined;
}

/** Parses the values of `attributeTypes`, and ignores those that it cannot parse. */
export function readSchema(attributeTypes: readonly string[]): Schema {
  const byName = new Map<string, AttributeTypeDescription>();
  for (const text of attributeTypes) {
    const description = parseAttributeType(text);
    for (const name of description?.names ?? []) if (description !== undefined) byName.set(name, description);
  }
  const inherited = (
    attribute: string,
    pick: (of: AttributeTypeDescription) => string | undefined,
  ): string | undefined => {
    let current = byName.get(attribute.toLowerCase());
    // The limit ends a cycle of SUP; no real chain is this long.
    for (let steps = 0; current !== undefined && steps < 20; steps += 1) {
      const found = pick(current);
      if (found !== undefined) return found;
      current = current.sup === undefined ? undefined : byName.get(current.sup);
    }
    return undefined;
  };
  const isCaseExact = (attribute: string): boolean =>
    caseExactRules.test(inherited(attribute, (of) => of.equality) ?? '');
  return {
    isBinary(attribute) {
      const syntax = inherited(attribute, (of) => of.syntax);
      return syntax === undefined ? undefined : binarySyntaxes.has(syntax);
    },
    isCaseExact,
    caseExactNames: [...byName.keys()].filter(isCaseExact),
    allNamesOf: (attribute) => byName.get(attribute.toLowerCase())?.names ?? [attribute.toLowerCase()],
    spellings: (attribute) => byName.get(attribute.toLowerCase())?.spellings ?? [],
  };
}

function parseAttributeType(description: string): AttributeTypeDescription | undefined {
  // Descriptions and extensions are free text that may contain NAME or SYNTAX.
  const text = description.replace(/\s(?:DESC|X-[\w-]+)\s+(?:'[^']*'|\([^)]*\))/g, '');
  const oid = /^\s*\(\s*([\w.-]+)/.exec(text)?.[1];
  if (oid === undefined) return undefined;
  const nameMatch = /\sNAME\s+(?:'([^']+)'|\(([^)]*)\))/.exec(text);
  const names =
    nameMatch?.[1] !== undefined
      ? [nameMatch[1]]
      : [...(nameMatch?.[2] ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
  const fieldOf = (name: string): string | undefined => new RegExp(`\\s${name}\\s+'?([\\w.;-]+)`).exec(text)?.[1];
  return {
    names: [...names, oid].map((name) => name.toLowerCase()),
    spellings: names,
    sup: fieldOf('SUP')?.toLowerCase(),
    syntax: fieldOf('SYNTAX')?.replace(/\{\d+\}$/, ''),
    equality: fieldOf('EQUALITY'),
  };
}
