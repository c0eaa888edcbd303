import type { Resource } from '../resources/resource.ts';
import type { ServerOptions } from '../server-options.ts';
import { ScimError } from './scim-error.ts';
import type { HttpRequest } from './request.ts';

/**
 * Checks If-Match (RFC 7644 section 3.14, RFC 9110 section 13.1.1).
 * @throws ScimError 412 if it names another version, 428 if it is required and missing
 */
export function checkIfMatch(
  request: HttpRequest,
  resource: Resource,
  options: Pick<ServerOptions, 'etags' | 'requireIfMatch'>,
): void {
  if (!options.etags) return;
  const condition = request.headers['if-match'];
  if (condition === undefined) {
    if (!options.requireIfMatch) return;
    throw new ScimError(428, 'If-Match is required: send the ETag of the version that you read.');
  }
  if (!matchesEtag(String(condition), resource)) {
    throw new ScimError(
      412,
      `The resource has changed: its version is ${resource.meta.version ?? 'unknown'}, not ${String(condition)}.`,
    );
  }
}

/** Whether If-None-Match names this version: the response is then 304. */
export function isUnchanged(request: HttpRequest, resource: Resource): boolean {
  const condition = request.headers['if-none-match'];
  return condition !== undefined && matchesEtag(String(condition), resource);
}

/** The ETag header of a resource (RFC 7644 section 3.14); empty if it has no version. */
export function etagHeader(resource: Resource): Readonly<Record<string, string>> {
  return resource.meta.version === undefined ? {} : { etag: resource.meta.version };
}

/** Weak comparison: RFC 9110 requires a strong one for If-Match, but RFC 7644 uses weak ETags there. */
function matchesEtag(condition: string, resource: Resource): boolean {
  if (condition.trim() === '*') return true;
  const { version } = resource.meta;
  return version !== undefined && condition.split(',').some((tag) => opaqueTag(tag) === opaqueTag(version));
}

const opaqueTag = (tag: string): string => tag.trim().replace(/^W\//, '');
