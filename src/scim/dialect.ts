import { enterpriseUserSchema } from '../model/path.ts';
import type { Endpoints, Profile } from '../model/profile.ts';

/** How requests and answers of one target are written, whatever they say. */
export interface Dialect {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly endpoints: Endpoints;
  /** The text of a body that is sent. */
  write(body: object): string;
  /** What was received, in the words of the standard. */
  read(text: string): string;
  /** A filter that is sent. */
  filter(text: string): string;
}

export function dialectOf({ holds, speaks }: Pick<Profile, 'holds' | 'speaks'>): Dialect {
  const { contentType, headers, endpoints, booleans } = speaks;
  const theirs = holds.enterpriseSchema ?? enterpriseUserSchema;
  const isStandard = theirs === enterpriseUserSchema;
  const translated = (text: string): string => (isStandard ? text : text.replaceAll(enterpriseUserSchema, theirs));
  const truth = truths[booleans];
  return {
    contentType,
    endpoints,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    write: (body) => translated(JSON.stringify(body, truth)),
    read: (text) => (isStandard ? text : text.replaceAll(theirs, enterpriseUserSchema)),
    filter: translated,
  };
}

/** How truths are written, as what `JSON.stringify` replaces values by; undefined: as they are. */
export const truths: Readonly<
  Record<Profile['speaks']['booleans'], ((key: string, value: unknown) => unknown) | undefined>
> = {
  json: undefined,
  text: (_key, value) => (typeof value === 'boolean' ? String(value) : value),
  titleText: (_key, value) => (typeof value === 'boolean' ? (value ? 'True' : 'False') : value),
};
