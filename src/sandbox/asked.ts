import { kinds } from '../model/kind.ts';
import type { Json } from '../model/resource.ts';
import type { Application } from './application.ts';
import type { Asked, Request } from './request.ts';
import { ScimError } from './scim-error.ts';

/** What a request is about, by its path (RFC 7644 section 3.2, table 2). @throws ScimError 400 for a path that cannot be decoded */
export function understand(app: Pick<Application, 'types' | 'discovery'>, request: Request): Asked {
  const message = jsonOf(request);
  const base = { request, ...(message === undefined ? {} : { message }) };
  for (const kind of kinds) {
    const rest = below(app.types[kind].endpoint, request.path);
    if (rest === undefined) continue;
    const [id, ...more] = rest;
    if (more.length > 0) return { ...base, on: 'elsewhere' };
    if (id === undefined) return { ...base, on: 'collection', kind };
    return id === '.search' ? { ...base, on: 'search', kind } : { ...base, on: 'resource', kind, id };
  }
  if (below('/Bulk', request.path)?.length === 0) return { ...base, on: 'bulk' };
  for (const endpoint of [app.discovery ?? '/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
    const rest = below(endpoint, request.path);
    if (rest !== undefined && rest.length <= 1)
      return { ...base, on: 'discovery', ...(rest[0] === undefined ? {} : { id: rest[0] }) };
  }
  return { ...base, on: 'elsewhere' };
}

/** What stands behind an endpoint in a path, decoded. @returns undefined where the path does not begin with it */
export function below(endpoint: string, path: string): readonly string[] | undefined {
  return path === endpoint || path.startsWith(`${endpoint}/`) ? segments(path.slice(endpoint.length)) : undefined;
}

function segments(path: string): readonly string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw new ScimError(400, `The path ${path} is not percent-encoded as it should be.`);
  }
}

function jsonOf({ text }: Request): Json | undefined {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
