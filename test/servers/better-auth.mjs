/** The SCIM plugin of better-auth with its storage, over SQLite in memory: `node better-auth.mjs`. */
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { scim } from '@better-auth/scim';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { serve } from './serve.mjs';

await serve(async (origin) => {
  const token = randomBytes(24).toString('base64url');
  const path = '/api/auth/scim/v2';
  const options = {
    baseURL: origin,
    secret: randomBytes(32).toString('base64url'),
    database: new DatabaseSync(':memory:'),
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    plugins: [scim({ connections: [{ id: 'scimsync', credentials: [{ id: 'first', token }] }] })],
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const auth = betterAuth(options);

  const listAll = async (endpoint) => {
    const resources = [];
    for (;;) {
      const response = await auth.handler(
        new Request(`${origin}${path}/${endpoint}?startIndex=${resources.length + 1}&count=100`, {
          headers: { authorization: `Bearer ${token}` },
        }),
      );
      const { Resources: page, totalResults } = await response.json();
      resources.push(...page);
      if (page.length === 0 || resources.length >= totalResults) return resources;
    }
  };
  return {
    path,
    token,
    handleRequest: toNodeHandler(auth),
    state: async () => ({ users: await listAll('Users'), groups: await listAll('Groups') }),
  };
});
