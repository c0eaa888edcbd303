import type { ResourceType } from '../../model/resource-type.ts';

/** The address of a target's page. */
export const targetPath = (name: string): string => `/targets/${encodeURIComponent(name)}`;

/** The address of the story of a user or group. A key may have any character, and be `..`. */
export function storyPath(resourceType: ResourceType, key: string): string {
  // Half a surrogate pair has no encoding.
  const text = key.replace(/\p{Surrogate}/gu, '\ufffd');
  return `/${resourceType === 'User' ? 'users' : 'groups'}?key=${encodeURIComponent(text)}`;
}

/** The address of a pass. */
export const passPath = (pass: number): string => `/passes/${pass}`;
