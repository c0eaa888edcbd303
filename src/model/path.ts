import type { IssueCode } from './error-codes.ts';

/**
 * SCIM attribute paths (RFC 7644 section 3.5.2, figure 1), the subset that a mapping needs:
 *
 *     userName                       name.givenName                  emails
 *     emails[type eq "work"].value   urn:…:2.0:User:department       urn:…:2.0:User:manager.value
 *
 * Only filters of `eq` joined by `and` can both select an existing element and describe a new one.
 */
export interface AttributePath {
  /** URN of an extension schema; absent for attributes of the core schema. */
  readonly schema?: string;
  readonly attribute: string;
  readonly filter?: readonly FilterCondition[];
  readonly subAttribute?: string;
}

/** One comparison of a value filter: `type eq "work"`. */
export interface FilterCondition {
  readonly name: string;
  readonly value: string | boolean;
}

/** A text that is not an attribute path, or a path at which no value can be mapped. */
export class PathSyntaxError extends Error {
  override readonly name = 'PathSyntaxError';
  readonly code: PathErrorCode;

  constructor(code: PathErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The kinds of paths that a mapping cannot use. */
export type PathErrorCode = Extract<
  IssueCode,
  'config.attributePath' | 'config.attributeReadOnly' | 'config.attributeStructure'
>;

/** URN of the user schema, RFC 7643 section 4.1. */
export const coreUserSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
/** URN of the group schema, RFC 7643 section 4.2. */
export const coreGroupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';
/** URN of the enterprise extension of users, RFC 7643 section 4.3. */
export const enterpriseUserSchema = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The one reference between people that RFC 7643 defines (section 4.3); its canonical form names the sub-attribute. */
export const managerPath = `${enterpriseUserSchema}:manager.value`;

const coreSchemas = new Set([coreUserSchema.toLowerCase(), coreGroupSchema.toLowerCase()]);

const attributeName = '[A-Za-z$][A-Za-z0-9_$-]*';
// `s`: JSON leaves the line separators U+2028 and U+2029 as they are, and `.` would not match them.
const pathPattern = new RegExp(`^(${attributeName})(?:\\[(.+)\\])?(?:\\.(${attributeName}))?$`, 's');
// One condition, up to the end or to the `and` before the next one; a value may itself contain this word.
const conditionPattern = new RegExp(
  `^\\s*(${attributeName})\\s+eq\\s+(?:"((?:[^"\\\\]|\\\\.)*)"|(true|false))(?:\\s+(and)\\s+|\\s*$)`,
  'is',
);

/** @throws PathSyntaxError with the expected syntax */
export function parsePath(text: string): AttributePath {
  const { schema, rest } = splitSchema(text.trim());
  const match = pathPattern.exec(rest);
  if (match === null) {
    throw new PathSyntaxError(
      'config.attributePath',
      `"${text}" is not a SCIM attribute path such as userName, name.givenName or emails[type eq "work"].value`,
    );
  }
  const [, attribute = '', filterText, subAttribute] = match;
  const isCore = schema === undefined || coreSchemas.has(schema.toLowerCase());
  return {
    ...(isCore ? {} : { schema }),
    attribute,
    ...(filterText === undefined ? {} : { filter: parseFilter(filterText, text) }),
    ...(subAttribute === undefined ? {} : { subAttribute }),
  };
}

/** The canonical spelling, which is stored, compared and sent. */
export function formatPath(path: AttributePath): string {
  const schema = path.schema === undefined ? '' : `${path.schema}:`;
  const filter = path.filter === undefined ? '' : `[${formatFilter(path.filter)}]`;
  const subAttribute = path.subAttribute === undefined ? '' : `.${path.subAttribute}`;
  return `${schema}${path.attribute}${filter}${subAttribute}`;
}

/** The text of a value filter (RFC 7644 section 3.4.2.2): conditions joined by `and`. */
export function formatFilter(filter: readonly FilterCondition[]): string {
  return filter.map(({ name, value }) => `${name} eq ${JSON.stringify(value)}`).join(' and ');
}

const parsedPaths = new Map<string, AttributePath>();

/** Like `parsePath`, with a cache: a configuration has few paths, and every record needs them. */
export function pathOf(canonical: string): AttributePath {
  let path = parsedPaths.get(canonical);
  if (path === undefined) {
    path = parsePath(canonical);
    parsedPaths.set(canonical, path);
  }
  return path;
}

function splitSchema(text: string): { schema?: string; rest: string } {
  if (!/^urn:/i.test(text)) return { rest: text };
  const bracket = text.indexOf('[');
  const colon = text.lastIndexOf(':', bracket === -1 ? text.length : bracket);
  // The version in the URN ("2.0") contains a dot, so the attribute begins after the last colon, not at the first dot.
  return { schema: text.slice(0, colon), rest: text.slice(colon + 1) };
}

function parseFilter(filter: string, pathText: string): readonly FilterCondition[] {
  const conditions: FilterCondition[] = [];
  let rest = filter;
  for (;;) {
    const match = conditionPattern.exec(rest);
    if (match === null)
      throw new PathSyntaxError(
        'config.attributePath',
        `"${pathText}": in brackets only name eq "value", joined by and, can be both read and written`,
      );
    const [, name = '', quoted, literal, and] = match;
    conditions.push({
      name,
      value: literal === undefined ? unescapeString(quoted ?? '', pathText) : literal.toLowerCase() === 'true',
    });
    if (and === undefined) return conditions;
    rest = rest.slice(match[0].length);
  }
}

/** RFC 7644 section 3.4.2.2: a text in a filter is escaped as in JSON. */
function unescapeString(quoted: string, pathText: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch (cause) {
    throw new PathSyntaxError('config.attributePath', `"${pathText}": "${quoted}" is not a JSON string`, { cause });
  }
}
