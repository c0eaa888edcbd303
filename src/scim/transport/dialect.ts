import { enterpriseUserSchema } from '../../model/path.ts';
import type { Endpoints, Profile } from '../../model/profile.ts';

/** How requests and answers of one target are written, whatever they say. */
export interface Dialect {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly endpoints: Endpoints;
  /** The text of a body that is sent. */
  encodeBody(body: object): string;
  /** What was received, in the words of the standard. */
  decodeText(text: string): string;
  /** A filter that is sent. */
  encodeFilter(text: string): string;
}

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

/** How truths are written, as what `JSON.stringify` replaces values by; undefined: as they are. */
export const booleanEncodings: Readonly<
  Record<Profile['protocol']['booleans'], ((key: string, value: unknown) => unknown) | undefined>
> = {
  json: undefined,
  text: (_key, value) => (typeof value === 'boolean' ? String(value) : value),
  titleText: (_key, value) => (typeof value === 'boolean' ? (value ? 'True' : 'False') : value),
};
