/** The SCIM plugin of better-auth, storage and all, over SQLite in memory: `node better-auth.mjs`. */
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

  const everything = async (kind) => {
    const found = [];
    for (;;) {
      const reply = await auth.handler(
        new Request(`${origin}${path}/${kind}?startIndex=${found.length + 1}&count=100`, {
          headers: { authorization: `Bearer ${token}` },
        }),
      );
      const { Resources: page, totalResults } = await reply.json();
      found.push(...page);
      if (page.length === 0 || found.length >= totalResults) return found;
    }
  };
  return {
    path,
    token,
    answer: toNodeHandler(auth),
    state: async () => ({ users: await everything('Users'), groups: await everything('Groups') }),
  };
});
