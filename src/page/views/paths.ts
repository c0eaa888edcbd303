import type { ResourceType } from '../../model/resource-type.ts';

/** The page from which a link starts: the pages of a tenant link to pages of the same tenant. */
interface From {
  readonly tenant?: string | undefined;
}

/** The address of the overview of a tenant. */
export const tenantPath = (tenant: string): string => `/t/${encodeURIComponent(tenant)}`;

const baseOf = ({ tenant }: From): string => (tenant === undefined ? '' : tenantPath(tenant));

/** The address of the overview. */
export const overviewPath = (from: From): string => baseOf(from) || '/';

/** The address of the list of passes. */
export const passesPath = (from: From): string => `${baseOf(from)}/passes`;

/** Where a search is sent. */
export const searchPath = (from: From): string => `${baseOf(from)}/search`;

/** The address of a target's page. */
export const targetPath = (from: From, name: string): string => `${baseOf(from)}/targets/${encodeURIComponent(name)}`;

/** The address of the story of a user or group. A key may have any character, and be `..`. */
export function storyPath(from: From, resourceType: ResourceType, key: string): string {
  // Half a surrogate pair has no encoding.
  const text = key.replace(/\p{Surrogate}/gu, '\ufffd');
  return `${baseOf(from)}/${resourceType === 'User' ? 'users' : 'groups'}?key=${encodeURIComponent(text)}`;
}

/** The address of a pass. */
export const passPath = (from: From, pass: number): string => `${passesPath(from)}/${pass}`;
