import { describe, expect, test } from '@jest/globals';
import type { Profile } from '../../../src/model/profile.ts';
import { idOf, never, target } from '../fixtures.ts';
import { page, scriptedServer } from '../scripted-server.ts';

const group = { id: 'id-eng', displayName: 'Engineering', members: [{ value: 'id-a' }] };

async function reading(protocol: Partial<Profile['protocol']>) {
  await using server = await scriptedServer(({ url }) => (/\/Groups\//.test(url) ? { body: group } : page([group])));
  using app = target(server.url, { protocol: { matchGroups: ['displayName'], ...protocol } });
  const body = { displayName: 'Engineering' };
  const alone = await app.readKnown({ resourceType: 'Group', remoteId: idOf('eng'), body }, ['displayName'], never);
  const listed = await app.list('Group', ['displayName'], never).next();
  const found = await app.find('Group', { displayName: 'Engineering' }, ['displayName'], never);
  await app.readKnown({ resourceType: 'User', remoteId: idOf('eng'), body: {} }, ['userName'], never);
  return {
    shown: [
      'resource' in alone ? alone.resource : undefined,
      (listed.value as readonly unknown[])[0],
      'resource' in found ? found.resource : undefined,
    ],
    lines: server.lines(),
  };
}

const read = { remoteId: 'id-eng', body: { displayName: 'Engineering' }, active: true, isActiveHidden: true };

describe('groups are read', () => {
  test('with their members', async () => {
    const { shown, lines } = await reading({});
    expect(shown).toEqual(Array(3).fill({ ...read, members: ['id-a'] }));
    expect(lines[0]).toBe('GET /Groups/id-eng');
  });

  test('with the parameters without which members are not shown', async () => {
    const { shown, lines } = await reading({ groupReadQuery: { attributes: 'members' } });
    expect(shown[0]).toEqual({ ...read, members: ['id-a'] });
    const asked = 'attributes=members,externalId,displayName';
    expect(lines).toEqual([
      `GET /Groups/id-eng?${asked}`,
      `GET /Groups?startIndex=1&count=3&${asked}`,
      `GET /Groups?filter=displayName eq "Engineering"&${asked}`,
      'GET /Users/id-eng',
    ]);
  });

  test('members are removed from responses of a target that does not return them', async () => {
    const { shown } = await reading({ returnsMembers: false });
    expect(shown).toEqual(Array(3).fill(read));
  });
});
