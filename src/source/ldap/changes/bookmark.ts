/** Where the next incremental read starts. */
export type Bookmark =
  /** One cookie per search, by the name of the search (RFC 4533 2.2.1); base64. */
  | { readonly method: 'sync'; readonly cookies: Readonly<Record<string, string>> }
  /**
   * One cookie per naming context, base64, the `dataVersion` of the server that issued them, and a digest of the
   * definitions from which the server computes attributes.
   */
  | {
      readonly method: 'syncLog';
      readonly cookies: Readonly<Record<string, string>>;
      readonly version: string | undefined;
      readonly definitions?: string | undefined;
    }
  | { readonly method: 'dirSync'; readonly cookie: string }
  /** The last uSNChanged. It is valid for one database of one domain controller ([MS-ADTS] 3.1.1.1.9). */
  | { readonly method: 'usn'; readonly controller: string; readonly invocation: string; readonly usn: string };

/** The bookmark as the store keeps it. */
export const writeBookmark = (bookmark: Bookmark): string => JSON.stringify(bookmark);

/** @returns undefined for a text that this version cannot read; a full read follows */
export function readBookmark(text: string | undefined): Bookmark | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as Partial<Record<string, unknown>>;
    return isBookmark(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isBookmark(parsed: Partial<Record<string, unknown>>): parsed is Bookmark {
  const { method, cookies, cookie, controller, invocation, usn, version, definitions } = parsed;
  switch (method) {
    case 'sync':
      return areCookies(cookies);
    case 'syncLog':
      return (
        areCookies(cookies) && [version, definitions].every((each) => each === undefined || typeof each === 'string')
      );
    case 'dirSync':
      return typeof cookie === 'string';
    default:
      return (
        method === 'usn' &&
        typeof controller === 'string' &&
        typeof invocation === 'string' &&
        typeof usn === 'string' &&
        /^\d+$/.test(usn)
      );
  }
}

function areCookies(cookies: unknown): boolean {
  return (
    typeof cookies === 'object' && cookies !== null && Object.values(cookies).every((each) => typeof each === 'string')
  );
}
