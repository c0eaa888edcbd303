/** A built-in profile, as far as its choice needs it. */
export interface KnownProfile {
  readonly name: string;
  /** The form of the base URL, such as `https://{tenant}.example.com/scim/v2`; other texts are possible. */
  readonly url: string | undefined;
}

/** The profile whose form of the base URL fits; undefined: no form fits, or it would fit any host. */
export function proposeProfile(url: string, profiles: readonly KnownProfile[]): string | undefined {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return profiles.find(
    ({ url: form }) => form !== undefined && hostPatterns(form).some((pattern) => pattern.test(host)),
  )?.name;
}

/** Patterns of the hosts that a form names: `https://{tenant}.example.com/…` → `^[^/]+\.example\.com$`. */
function hostPatterns(form: string): readonly RegExp[] {
  return [...form.matchAll(/https:\/\/([^/\s]+)/g)].flatMap(([, host = '']) => {
    const isSpecific = /(?:^|\.)[a-z0-9-]+\.[a-z]+$/.test(host.replaceAll(/\{[^}]*\}/g, ''));
    const pattern = host
      .split(/\{[^}]*\}/)
      .map((part) => part.replaceAll('.', '\\.'))
      .join('[^/]+');
    return isSpecific ? [new RegExp(`^${pattern}$`)] : [];
  });
}

/** The name of a target by its URL: `https://wiki.example.com/scim` → `wiki`; an address has none. */
export function proposeName(url: string, profile: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  const [first = ''] = host.split('.');
  const isName = /^[a-z][a-z0-9-]*$/.test(first) && !['api', 'www', 'scim', 'localhost'].includes(first);
  if (profile !== 'generic') return profile.replace(/^.*\//, '').replace(/\.json$/, '');
  return isName ? first : 'app';
}
