import { enterpriseUserSchema } from '../../model/path.ts';
import type { Endpoints, Profile } from '../../model/profile.ts';

/** How one target encodes requests and responses, independent of their content. */
export interface Dialect {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly endpoints: Endpoints;
  /** Encodes the body of a request. */
  encodeBody(body: object): string;
  /** Translates the text of a response to the standard schema. */
  decodeText(text: string): string;
  /** Encodes a filter. */
  encodeFilter(text: string): string;
}

/** Derives the dialect of a target from its profile. */
export function dialectOf({ supports, protocol }: Pick<Profile, 'supports' | 'protocol'>): Dialect {
  const { contentType, headers, endpoints, booleans } = protocol;
  const targetSchema = supports.enterpriseSchema ?? enterpriseUserSchema;
  const isStandard = targetSchema === enterpriseUserSchema;
  const toTargetSchema = (text: string): string =>
    isStandard ? text : text.replaceAll(enterpriseUserSchema, targetSchema);
  const replacer = booleanEncodings[booleans];
  return {
    contentType,
    endpoints,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    encodeBody: (body) => toTargetSchema(JSON.stringify(body, replacer)),
    decodeText: (text) => (isStandard ? text : text.replaceAll(targetSchema, enterpriseUserSchema)),
    encodeFilter: toTargetSchema,
  };
}

/** Encodings of booleans, as replacers for `JSON.stringify`; undefined leaves them unchanged. */
export const booleanEncodings: Readonly<
  Record<Profile['protocol']['booleans'], ((key: string, value: unknown) => unknown) | undefined>
> = {
  json: undefined,
  text: (_key, value) => (typeof value === 'boolean' ? String(value) : value),
  titleText: (_key, value) => (typeof value === 'boolean' ? (value ? 'True' : 'False') : value),
};
