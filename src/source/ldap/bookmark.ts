/** Where a reading of changes goes on. */
export type Bookmark =
  /** One cookie for each search, by its name (RFC 4533 2.2.1), in base64. */
  | { readonly way: 'sync'; readonly cookies: Readonly<Record<string, string>> }
  /** One cookie for each base, in base64, and the `dataVersion` that they are of. */
  | { readonly way: 'syncLog'; readonly cookies: Readonly<Record<string, string>>; readonly version: string | undefined }
  | { readonly way: 'dirSync'; readonly cookie: string }
  /** The highest change number of one database of one domain controller: others count for themselves ([MS-ADTS] 3.1.1.1.9). */
  | { readonly way: 'usn'; readonly controller: string; readonly invocation: string; readonly usn: string };

export const writeBookmark = (bookmark: Bookmark): string => JSON.stringify(bookmark);

/** Undefined for what this version does not understand: then everything is read. */
export function readBookmark(text: string | undefined): Bookmark | undefined {
  if (text === undefined) return undefined;
  try {
    const found = JSON.parse(text) as Bookmark;
    return ['sync', 'syncLog', 'dirSync', 'usn'].includes(found.way) ? found : undefined;
  } catch {
    return undefined;
  }
}
