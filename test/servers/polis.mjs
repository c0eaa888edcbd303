/** The directory synchronisation of Polis, storage and all, in memory: `node polis.mjs`. What its own web server does around the library is done here. */
import { text } from 'node:stream/consumers';
import jackson from '@boxyhq/saml-jackson';
import { json, serve } from './serve.mjs';

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
  const { data: directory, error } = await sync.directories.create({
    name: 'scimsync',
    type: 'generic-scim-v2',
    ...tenant,
  });
  if (error) throw new Error(error.message);
  const { path, secret } = directory.scim;

  // Who would be told of each change; without this it complains of a missing webhook.
  const nobodyListens = async () => undefined;
  const answer = async (request, reply) => {
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
        nobodyListens,
      );
      json(reply, status, data);
    } catch (thrown) {
      json(reply, 500, { error: { message: thrown.message } });
    }
  };

  // Its own API has what its SCIM answers never show: the members. No list of it has more than 50 entries.
  const everything = async (page) => {
    const found = [];
    for (;;) {
      const { data } = await page({ directoryId: directory.id, pageOffset: found.length, pageLimit: 50 });
      found.push(...data);
      if (data.length < 50) return found;
    }
  };
  const state = async () => {
    const users = sync.users.setTenantAndProduct(tenant.tenant, tenant.product);
    const groups = sync.groups.setTenantAndProduct(tenant.tenant, tenant.product);
    return {
      users: (await everything((asked) => users.getAll(asked))).map(({ raw }) => raw),
      groups: await Promise.all(
        (await everything((asked) => groups.getAll(asked))).map(async ({ id, raw }) => {
          const members = await everything((asked) => groups.getGroupMembers({ ...asked, groupId: id }));
          return { ...raw, members: members.map(({ user_id: value }) => ({ value })) };
        }),
      ),
    };
  };
  return { path, token: secret, answer, state };
});
