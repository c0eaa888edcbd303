/** What a request needs of its URL. */
export interface OriginAndPath {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

const parts = /^(https?:\/\/[^/?#\\@]+)(\/.*)$/;
/** Path and query that a parser leaves as they are: no dot segment, nothing to encode, no fragment. */
const plainPath = /^\/(?!(?:.*\/)?(?:\.|%2e))[\w\-.~!$&()*+,;=:@%/?]*$/i;
/** Whether a parser leaves an origin as it is: one for each server. */
const plainOrigins = new Map<string, boolean>();

/** Splits an absolute URL. Most are plain: parsing them would cost as much as all else before a request is written. */
export function originAndPath(url: string): OriginAndPath {
  const [, origin, path] = parts.exec(url) ?? [];
  if (origin !== undefined && path !== undefined && plainPath.test(path) && isPlain(origin)) return { origin, path };
  const parsed = new URL(url);
  return { origin: parsed.origin, path: parsed.pathname + parsed.search };
}

function isPlain(origin: string): boolean {
  let plain = plainOrigins.get(origin);
  if (plain === undefined) plainOrigins.set(origin, (plain = URL.parse(origin)?.origin === origin));
  return plain;
}
