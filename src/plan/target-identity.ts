/**
 * The identity of a target's URL: origin, path and query, in the form in which two spellings of one address are equal.
 *
 * RFC 3986 section 6.2: scheme and host have no letter case, the default port is the same as none, and dot segments are
 * resolved. A trailing slash is the same as none, because requests append a path to the URL. Path and query keep their
 * letter case. A user name, a password and a fragment are left out.
 *
 * @throws TypeError if the text is not an absolute URL; the configuration refuses such a text before
 */
export function targetUrlIdentity(text: string): string {
  const { origin, pathname, search } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, '')}${search}`;
}

/** A target whose address in the configuration differs from the address that the state knows. */
export interface ChangedUrl {
  readonly target: string;
  /** The address at which the state recorded the accounts. */
  readonly known: string;
  readonly configured: string;
}

/** A configured target that the state knows by another name. */
export interface RenamedTarget {
  readonly target: string;
  /** The name in the state. */
  readonly known: string;
  readonly url: string;
  /** Users and groups that the state holds under the name that it knows. */
  readonly accounts: number;
}

/** A target as the configuration names it. */
export interface ConfiguredTarget {
  readonly name: string;
  /** As `targetUrlIdentity` returns it. */
  readonly url: string;
}

/** A target as the state knows it. */
export interface KnownTarget {
  readonly name: string;
  /** Undefined: an earlier version recorded it, or the target was forgotten. */
  readonly url: string | undefined;
  /** Users and groups that the target is known to hold. */
  readonly accounts: number;
  /** Accounts that may exist, although the target never acknowledged the create. */
  readonly uncertain: number;
}

/** Whether the state holds anything that would be lost, or mistaken for the data of another application. */
export const holdsAccounts = ({ accounts, uncertain }: KnownTarget): boolean => accounts > 0 || uncertain > 0;

/**
 * Compares the configured targets of a pass with the state.
 *
 *     the name in the state        URLs     URL belongs to a removed target   result
 *     holds accounts               equal    –                                 none
 *     holds accounts               differ   –                                 changed
 *     holds accounts, without URL  –        –                                 none: the pass stores the URL
 *     holds nothing, with a URL    –        –                                 none: the pass stores the new URL
 *     missing, or forgotten        –        yes, and it holds accounts        renamed
 *     missing, or forgotten        –        no                                none: a new target
 *
 * @param all names of all configured targets, also of those that the pass leaves out
 */
export function compareTargets(
  configured: readonly ConfiguredTarget[],
  all: readonly string[],
  known: readonly KnownTarget[],
): { readonly changed: readonly ChangedUrl[]; readonly renamed: readonly RenamedTarget[] } {
  const changed: ChangedUrl[] = [];
  const renamed: RenamedTarget[] = [];
  const removed = goneTargets(all, known);
  for (const { name, url } of configured) {
    const own = known.find((one) => one.name === name);
    if (own !== undefined && (own.url !== undefined || holdsAccounts(own))) {
      if (own.url !== undefined && own.url !== url && holdsAccounts(own))
        changed.push({ target: name, known: own.url, configured: url });
      continue;
    }
    const other = removed.find((one) => one.url === url);
    if (other !== undefined) renamed.push({ target: name, known: other.name, url, accounts: other.accounts });
  }
  return { changed, renamed };
}

/** Targets that the configuration no longer has, and that the state still holds accounts of. */
export function goneTargets(all: readonly string[], known: readonly KnownTarget[]): readonly KnownTarget[] {
  return known.filter((one) => !all.includes(one.name) && holdsAccounts(one));
}
