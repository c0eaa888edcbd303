import { expect, jest, test } from '@jest/globals';
import { changeRecord } from '../../world/directory/ldif/change-record.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { startDs389 } from '../../world/directory/servers/ds389.ts';
import {
  deleteRecord,
  group,
  groupDn,
  groupsUnit,
  addMembers,
  peopleUnit,
  replaceRecord,
  units,
  user,
  userDn,
} from '../../world/directory/ldif/samba-entries.ts';
import { startSamba } from '../../world/directory/servers/samba.ts';
import { groups, people } from '../../world/directory/servers/slapd.ts';
import type { CliProcess } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(120_000);

async function listening(at: DirectoryFixture, names: number): Promise<CliProcess> {
  const daemon = at.cli.start('daemon');
  await waitUntil(
    'the first load',
    () => Object.keys(at.active()).length === names && Object.keys(at.members()).length === 1,
  );
  await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  return daemon;
}

async function ended(daemon: CliProcess): Promise<void> {
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
}

const generous = { guard: unlimitedGuard };

describeOn('samba', 'live changes of Active Directory', () => {
  test.each([
    ['DirSync', 'activeDirectory'],
    ['uSNChanged', { extends: 'activeDirectory', changes: ['usn'] }],
  ])('by %s', async (_way, directory) => {
    await using samba = await startSamba({
      ldif: [
        units,
        user('ada'),
        user('bob'),
        user('eve'),
        user('once'),
        group('crew', [userDn('ada')]),
        deleteRecord(userDn('once')),
      ].join(''),
    });
    await using at = await directoryFixture(
      samba,
      {
        directory,
        changes: 'live',
        users: { base: peopleUnit },
        groups: { base: groupsUnit },
        sanity: { maxShrink: '100%' },
      },
      generous,
    );
    const daemon = await listening(at, 3);
    await samba.change(deleteRecord(userDn('eve')));
    await waitUntil('who was deleted', () => at.active()['eve@example.test'] === false);
    await samba.change(replaceRecord(userDn('bob'), { userAccountControl: '546' }));
    await waitUntil('who was disabled', () => at.active()['bob@example.test'] === false);
    await samba.change(user('new') + addMembers(groupDn('crew'), userDn('new')));
    await waitUntil('the joiner', () => at.members()['crew']?.join() === 'ada@example.test,new@example.test');
    await ended(daemon);
  });
});

describeOn('389ds', 'live changes of 389 Directory Server', () => {
  const person = (uid: string): string =>
    changeRecord(`uid=${uid},${people}`, 'add', [
      'objectClass: inetOrgPerson',
      `uid: ${uid}`,
      `cn: ${uid}`,
      'sn: Test',
    ]);

  test('by content synchronisation', async () => {
    await using server = await startDs389();
    const crew = `cn=crew,${groups}`;
    await server.change(
      [
        ...['ada', 'bob', 'eve'].map(person),
        changeRecord(crew, 'add', ['objectClass: groupOfNames', 'cn: crew', `member: uid=ada,${people}`]),
      ].join('\n'),
    );
    await using at = await directoryFixture(
      server,
      { changes: 'live', users: { base: people }, groups: { base: groups }, sanity: { maxShrink: '100%' } },
      generous,
    );
    const daemon = await listening(at, 3);
    await server.change(changeRecord(`uid=eve,${people}`, 'delete', []));
    await waitUntil('who was deleted', () => at.active()['eve'] === false);
    await server.change(
      changeRecord(`uid=bob,${people}`, 'modify', ['replace: nsAccountLock', 'nsAccountLock: true', '-']),
    );
    await waitUntil('who was locked', () => at.active()['bob'] === false);
    await server.change(
      `${person('new')}\n${changeRecord(crew, 'modify', ['add: member', `member: uid=new,${people}`, '-'])}`,
    );
    await waitUntil('the joiner', () => at.members()['crew']?.join() === 'ada,new');
    expect(at.active()).toEqual({ ada: true, bob: false, eve: false, new: true });
    await ended(daemon);
  });
});
