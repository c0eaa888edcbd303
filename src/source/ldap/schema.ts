/** What a server says about its attributes (RFC 4512 4.1.2). */
export interface Schema {
  /** Whether its values are bytes; undefined where the schema does not say. */
  isBinary(attribute: string): boolean | undefined;
  /** Whether its values differ by case. */
  isCaseExact(attribute: string): boolean;
  /** Names and numbers of all attributes whose values differ by case, in lower case. */
  readonly caseExactNames: readonly string[];
  /** All names of an attribute and its number, in lower case; at least the one that was asked about. */
  sameAs(attribute: string): readonly string[];
  /** Its names as the schema writes them, without its number. */
  spellings(attribute: string): readonly string[];
}

export const noSchema: Schema = {
  isBinary: () => undefined,
  isCaseExact: () => false,
  caseExactNames: [],
  sameAs: (attribute) => [attribute.toLowerCase()],
  spellings: () => [],
};

/** Syntaxes whose values are no text (RFC 4517 3.3, RFC 4523 2, and those that RFC 2252 4.3.1 marks as not human-readable). */
const binarySyntaxes: ReadonlySet<string> = new Set(
  [4, 5, 8, 9, 10, 23, 28, 40, 49].map((arc) => `1.3.6.1.4.1.1466.115.121.1.${arc}`),
);

/** caseExactMatch, caseExactIA5Match and octetStringMatch, by name or number (RFC 4517 4.2). */
const exactRules = /^(?:caseExact|octetString|(?:2\.5\.13\.(?:5|17)|1\.3\.6\.1\.4\.1\.1466\.109\.114\.1)$)/i;

interface Described {
  /** In lower case, with its number. */
  readonly names: readonly string[];
  readonly spellings: readonly string[];
  readonly sup: string | undefined;
  readonly syntax: string | undefined;
  readonly equality: string | undefined;
}

/** Reads the values of `attributeTypes`. A description that cannot be read tells nothing. */
export function readSchema(attributeTypes: readonly string[]): Schema {
  const byName = new Map<string, Described>();
  for (const text of attributeTypes) {
    const described = describedBy(text);
    for (const name of described?.names ?? []) if (described !== undefined) byName.set(name, described);
  }
  const inherited = (attribute: string, pick: (of: Described) => string | undefined): string | undefined => {
    let at = byName.get(attribute.toLowerCase());
    // A ring of SUP would be the server's mistake; no real chain is this long.
    for (let steps = 0; at !== undefined && steps < 20; steps += 1) {
      const found = pick(at);
      if (found !== undefined) return found;
      at = at.sup === undefined ? undefined : byName.get(at.sup);
    }
    return undefined;
  };
  const isCaseExact = (attribute: string): boolean => exactRules.test(inherited(attribute, (of) => of.equality) ?? '');
  return {
    isBinary(attribute) {
      const syntax = inherited(attribute, (of) => of.syntax);
      return syntax === undefined ? undefined : binarySyntaxes.has(syntax);
    },
    isCaseExact,
    caseExactNames: [...byName.keys()].filter(isCaseExact),
    sameAs: (attribute) => byName.get(attribute.toLowerCase())?.names ?? [attribute.toLowerCase()],
    spellings: (attribute) => byName.get(attribute.toLowerCase())?.spellings ?? [],
  };
}

function describedBy(description: string): Described | undefined {
  // What people wrote there may say NAME or SYNTAX, too.
  const text = description.replace(/\s(?:DESC|X-[\w-]+)\s+(?:'[^']*'|\([^)]*\))/g, '');
  const oid = /^\s*\(\s*([\w.-]+)/.exec(text)?.[1];
  if (oid === undefined) return undefined;
  const quoted = /\sNAME\s+(?:'([^']+)'|\(([^)]*)\))/.exec(text);
  const names =
    quoted?.[1] !== undefined
      ? [quoted[1]]
      : [...(quoted?.[2] ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
  const word = (name: string): string | undefined => new RegExp(`\\s${name}\\s+'?([\\w.;-]+)`).exec(text)?.[1];
  return {
    names: [...names, oid].map((name) => name.toLowerCase()),
    spellings: names,
    sup: word('SUP')?.toLowerCase(),
    syntax: word('SYNTAX')?.replace(/\{\d+\}$/, ''),
    equality: word('EQUALITY'),
  };
}
