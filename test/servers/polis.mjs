/**
 * The directory synchronisation of Polis with its storage, in memory: `node polis.mjs`. The code around the library
 * replaces the web server of Polis.
 */
import { text } from 'node:stream/consumers';
import jackson from '@boxyhq/saml-jackson';
import { sendJson, serve } from './serve.mjs';

await serve(async (origin) => {
  const { directorySyncController: sync } = await jackson.default({
    externalUrl: origin,
    scimPath: '/api/scim/v2.0',
    samlPath: '/sso/acs',
    samlAudience: origin,
    noAnalytics: true,
    db: { engine: 'mem' },
    logger: { info: () => undefined },
  });
  const tenant = { tenant: 'company', product: 'application' };
  const { data: directory, error: createError } = await sync.directories.create({
    name: 'scimsync',
    type: 'generic-scim-v2',
    ...tenant,
  });
  if (createError) throw new Error(createError.message);
  const { path, secret } = directory.scim;

  // Receives each change. Without a callback, Polis logs an error about a missing webhook.
  const ignoreEvent = async () => undefined;
  const handleRequest = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, origin);
    const [directoryId, resourceType, resourceId] = pathname
      .slice('/api/scim/v2.0/'.length)
      .split('/')
      .map(decodeURIComponent);
    const number = (name) => (searchParams.has(name) ? Number(searchParams.get(name)) : undefined);
    const body = await text(request);
    try {
      const { status, data } = await sync.requests.handle(
        {
          method: request.method,
          directoryId,
          resourceType,
          resourceId,
          body: body === '' ? undefined : JSON.parse(body),
          apiSecret: request.headers.authorization?.split(' ')[1] ?? null,
          query: {
            count: number('count'),
            startIndex: number('startIndex'),
            filter: searchParams.get('filter') ?? undefined,
          },
        },
        ignoreEvent,
      );
      sendJson(response, status, data);
    } catch (error) {
      sendJson(response, 500, { error: { message: error.message } });
    }
  };

  // The library API returns members, which SCIM responses of Polis never contain. A list has at most 50 entries.
  const listAll = async (readPage) => {
    const resources = [];
    for (;;) {
      const { data } = await readPage({ directoryId: directory.id, pageOffset: resources.length, pageLimit: 50 });
      resources.push(...data);
      if (data.length < 50) return resources;
    }
  };
  const state = async () => {
    const users = sync.users.setTenantAndProduct(tenant.tenant, tenant.product);
    const groups = sync.groups.setTenantAndProduct(tenant.tenant, tenant.product);
    return {
      users: (await listAll((paging) => users.getAll(paging))).map(({ raw }) => raw),
      groups: await Promise.all(
        (await listAll((paging) => groups.getAll(paging))).map(async ({ id, raw }) => {
          const members = await listAll((paging) => groups.getGroupMembers({ ...paging, groupId: id }));
          return { ...raw, members: members.map(({ user_id: value }) => ({ value })) };
        }),
      ),
    };
  };
  return { path, token: secret, handleRequest, state };
});
