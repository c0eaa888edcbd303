import type { Application, Habit } from './application.ts';
import { isComplex, textOf, type Resource } from './resource.ts';
import { etagHeader } from './precondition.ts';
import type { Asked } from './request.ts';

/**
 * A POST of somebody who is there already becomes a PUT of that account, and is answered as the creation of it.
 * @param takes whether this account is taken for the new one
 */
export function upsert(takes: (account: Resource, app: Application) => boolean): Habit {
  const taken = new WeakSet<Asked['request']>();
  return {
    hear(asked, app) {
      const { kind, on, request, message } = asked;
      if (kind !== 'User' || on !== 'collection' || request.method !== 'POST' || !isComplex(message)) return asked;
      const account = ownerOf(app, 'externalId', message) ?? ownerOf(app, 'userName', message);
      if (account === undefined || !takes(account, app)) return asked;
      const { etag } = etagHeader(account);
      const put = {
        ...request,
        method: 'PUT',
        path: `${request.path}/${encodeURIComponent(account.id)}`,
        headers: { ...request.headers, ...(etag === undefined ? {} : { 'if-match': etag }) },
      };
      taken.add(put);
      return { ...asked, request: put, on: 'resource', id: account.id, message: { active: true, ...message } };
    },
    answer(answer, { request }) {
      if (!taken.has(request) || answer.status !== 200) return answer;
      const meta = answer.body?.['meta'];
      return {
        ...answer,
        status: 201,
        headers: { ...answer.headers, ...(isComplex(meta) ? { location: textOf(meta['location']) } : {}) },
      };
    },
  };
}

function ownerOf(
  app: Application,
  attribute: string,
  message: Resource | { readonly [name: string]: unknown },
): Resource | undefined {
  const value = message[attribute];
  return typeof value === 'string' ? app.contents.ownerOf('User', attribute, value) : undefined;
}
