import { expect, jest, test } from '@jest/globals';
import { changeRecord } from '../../world/directory/change-record.ts';
import { describeOn } from '../../world/directory/describe-on.ts';
import { directoryDesk, type DirectoryDesk } from '../../world/directory/desk.ts';
import { startDs389 } from '../../world/directory/ds389.ts';
import {
  deleted,
  group,
  groupDn,
  groupsUnit,
  joins,
  peopleUnit,
  replaced,
  units,
  user,
  userDn,
} from '../../world/directory/samba-entries.ts';
import { startSamba } from '../../world/directory/samba.ts';
import { groups, people } from '../../world/directory/slapd.ts';
import type { Running } from '../../world/scimsync.ts';
import { expectCode } from '../../world/setup.ts';
import { until } from '../../world/until.ts';

jest.setTimeout(120_000);

async function listening(at: DirectoryDesk, names: number): Promise<Running> {
  const daemon = at.desk.start('daemon');
  await until(
    'the first load',
    () => Object.keys(at.active()).length === names && Object.keys(at.members()).length === 1,
  );
  await until('the daemon listens', () => daemon.output().stderr.includes('live changes are heard'));
  return daemon;
}

async function ended(daemon: Running): Promise<void> {
  daemon.child.kill('SIGTERM');
  expectCode(await daemon.ended, 0);
}

const generous = { guard: { maxRemovals: '100%' } };

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
        deleted(userDn('once')),
      ].join(''),
    });
    await using at = await directoryDesk(
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
    await samba.change(deleted(userDn('eve')));
    await until('who was deleted', () => at.active()['eve@example.test'] === false);
    await samba.change(replaced(userDn('bob'), { userAccountControl: '546' }));
    await until('who was disabled', () => at.active()['bob@example.test'] === false);
    await samba.change(user('new') + joins(groupDn('crew'), userDn('new')));
    await until('the joiner', () => at.members()['crew']?.join() === 'ada@example.test,new@example.test');
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
    await using at = await directoryDesk(
      server,
      { changes: 'live', users: { base: people }, groups: { base: groups }, sanity: { maxShrink: '100%' } },
      generous,
    );
    const daemon = await listening(at, 3);
    await server.change(changeRecord(`uid=eve,${people}`, 'delete', []));
    await until('who was deleted', () => at.active()['eve'] === false);
    await server.change(
      changeRecord(`uid=bob,${people}`, 'modify', ['replace: nsAccountLock', 'nsAccountLock: true', '-']),
    );
    await until('who was locked', () => at.active()['bob'] === false);
    await server.change(
      `${person('new')}\n${changeRecord(crew, 'modify', ['add: member', `member: uid=new,${people}`, '-'])}`,
    );
    await until('the joiner', () => at.members()['crew']?.join() === 'ada,new');
    expect(at.active()).toEqual({ ada: true, bob: false, eve: false, new: true });
    await ended(daemon);
  });
});
