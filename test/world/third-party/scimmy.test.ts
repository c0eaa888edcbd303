import { expect, test } from '@jest/globals';
import { startScimmy } from './scimmy.ts';

test('SCIMMY starts in its own process, stores a posted user, and serves its log and its state', async () => {
  await using scimmy = await startScimmy();
  const post = (body: object): Promise<Response> =>
    fetch(`${scimmy.url}/Users`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${scimmy.token}`, 'Content-Type': 'application/scim+json' },
      body: JSON.stringify(body),
    });
  const ada = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada',
    externalId: '1',
    active: true,
  };
  expect((await post(ada)).status).toBe(201);
  expect((await post({ ...ada, userName: 'ADA' })).status).toBe(409);
  expect((await scimmy.state()).users['1']).toMatchObject({ userName: 'ada', active: true });
  expect((await scimmy.log()).map(({ status }) => status)).toEqual([201, 409]);
});
