import type { Application, Behaviour } from './behaviour.ts';
import { isComplex, textOf, type Resource } from '../resources/resource.ts';
import { etagHeader } from '../http/precondition.ts';
import type { ScimRequest } from '../http/request.ts';

/**
 * Turns a POST of an existing user into a PUT of that user, and answers it like a create.
 * @param isMergeable whether a POST may update this user
 */
export function upsert(isMergeable: (account: Resource, app: Application) => boolean): Behaviour {
  const convertedRequests = new WeakSet<ScimRequest['http']>();
  return {
    transformRequest(request, app) {
      const { resourceType, endpointType, http, body } = request;
      if (resourceType !== 'User' || endpointType !== 'collection' || http.method !== 'POST' || !isComplex(body))
        return request;
      const account = findExisting(app, 'externalId', body) ?? findExisting(app, 'userName', body);
      if (account === undefined || !isMergeable(account, app)) return request;
      const { etag } = etagHeader(account);
      const put = {
        ...http,
        method: 'PUT',
        path: `${http.path}/${encodeURIComponent(account.id)}`,
        headers: { ...http.headers, ...(etag === undefined ? {} : { 'if-match': etag }) },
      };
      convertedRequests.add(put);
      return { ...request, http: put, endpointType: 'resource', id: account.id, body: { active: true, ...body } };
    },
    transformResponse(response, { http }) {
      if (!convertedRequests.has(http) || response.status !== 200) return response;
      const meta = response.body?.['meta'];
      return {
        ...response,
        status: 201,
        headers: { ...response.headers, ...(isComplex(meta) ? { location: textOf(meta['location']) } : {}) },
      };
    },
  };
}

function findExisting(
  app: Application,
  attribute: string,
  message: Resource | { readonly [name: string]: unknown },
): Resource | undefined {
  const value = message[attribute];
  return typeof value === 'string' ? app.store.findUnique('User', attribute, value)[0] : undefined;
}
