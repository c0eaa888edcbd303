import type { Profile } from '../../model/profile.ts';
import type { Discovery, Target } from '../../scim/target.ts';

/** How the target can be read, or why it cannot be used. */
export type AccessCheck = { readonly can: string } | { readonly wrong: string };

/** Reads as little as shows that the target is a SCIM application that accepts the credentials. */
export const checkAccess = (target: Target, profile: Profile, stop: AbortSignal): Promise<AccessCheck> =>
  profile.protocol.listing === 'unreliable' ? checkLookUp(target, profile, stop) : checkListing(target, stop);

async function checkListing(target: Target, stop: AbortSignal): Promise<AccessCheck> {
  const page = await target.list('User', ['userName'], stop).next();
  if (page.done !== true) return { can: 'lists users' };
  return page.value.complete
    ? { can: 'lists no users yet' }
    : { wrong: page.value.detail ?? 'its users cannot be listed' };
}

/** If listings are unreliable, a look-up shows whether the URL is that of a SCIM application. */
async function checkLookUp(target: Target, { protocol }: Profile, stop: AbortSignal): Promise<AccessCheck> {
  const unusedName = Object.fromEntries(protocol.matchUsers.map((attribute) => [attribute, 'absent-scimsync-check']));
  const lookup = await target.find('User', unusedName, [], stop);
  if (lookup.kind === 'unavailable' || lookup.kind === 'untrusted') return { wrong: lookup.detail };
  return { can: 'looks users up' };
}

/** What a ServiceProviderConfig states; null: nothing. */
export type Features = Readonly<Record<'patch' | 'filter' | 'etag' | 'bulk', boolean | null>>;

/** The features that a ServiceProviderConfig states. */
export const featuresOf = ({ patch, filter, etag, bulk }: Discovery): Features => ({
  patch: patch ?? null,
  filter: filter ?? null,
  etag: etag ?? null,
  bulk: bulk?.supported ?? null,
});

/** A sentence about the ServiceProviderConfig. @param features undefined: it is not readable */
export function featuresText({ name, protocol }: Profile, features: Features | undefined): string {
  if (features !== undefined) return `ServiceProviderConfig: ${listText(features)}`;
  const why =
    protocol.discovery === 'off'
      ? 'ServiceProviderConfig is not requested'
      : `no readable ServiceProviderConfig at ${protocol.endpoints.discovery}`;
  return `${why}; the profile "${name}" decides`;
}

/** The features of a ServiceProviderConfig in one line. */
export function listText({ patch, filter, etag, bulk }: Features): string {
  const yesOrNo = (value: boolean | null): string => (value === null ? 'not stated' : value ? 'yes' : 'no');
  return `PATCH ${yesOrNo(patch)}, filter ${yesOrNo(filter)}, ETag ${yesOrNo(etag)}, bulk ${yesOrNo(bulk)}`;
}
