import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { group, person } from '../../world/directory/ldif/people-ldif.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { groups, people, startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { expectExitCode } from '../../world/fixture.ts';
import type { CliProcess } from '../../world/cli-workspace.ts';

jest.setTimeout(60_000);

const dn = (uid: string): string => `uid=${uid},${people}`;
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index + 1}`);

describeOn('slapd', 'live changes', () => {
  let slapd: Slapd;
  let at: DirectoryFixture;
  let daemon: CliProcess;

  beforeEach(async () => {
    slapd = await startSlapd({
      ldif: [...numbered(30).map((uid) => person(uid)), group('crew', ['p1', 'p2'])].join('\n'),
    });
    at = await directoryFixture(
      slapd,
      { users: { base: people }, groups: { base: groups }, changes: 'live' },
      { guard: { maxCreates: 1000 } },
    );
  });
  afterEach(async () => {
    await at[Symbol.asyncDispose]();
    await slapd[Symbol.asyncDispose]();
  });

  const started = async (): Promise<void> => {
    daemon = at.cli.start('--log-level', 'debug', 'daemon');
    await waitUntil('the first load', () => at.members()['crew']?.length === 2);
    await waitUntil('the daemon listens', () => daemon.output().stderr.includes('listening for changes'));
  };
  const ended = async (): Promise<void> => {
    daemon.child.kill('SIGTERM');
    expectExitCode(await daemon.exited, 0);
  };
  const active = (): number => Object.values(at.active()).filter((each) => each === true).length;

  test('a leaver, a joiner, a mover and a membership are carried through without a schedule', async () => {
    await started();
    await slapd.change(`dn: ${dn('p3')}\nchangetype: delete\n`);
    await waitUntil('the leaver', () => at.active()['p3'] === false);
    await slapd.change(person('joiner'));
    await waitUntil('the joiner', () => at.active()['joiner'] === true);
    await slapd.change(`dn: ${dn('p4')}\nchangetype: modrdn\nnewrdn: uid=mover\ndeleteoldrdn: 1\n`);
    await waitUntil('the mover', () => at.active()['mover'] === true);
    expect(at.active()).not.toHaveProperty('p4');
    await slapd.change(
      `dn: cn=crew,${groups}\nchangetype: modify\n` +
        `add: member\nmember: ${dn('joiner')}\n-\ndelete: member\nmember: ${dn('p1')}\n`,
    );
    await waitUntil('the membership', () => at.members()['crew']?.join() === 'joiner,p2');
    await ended();
  });

  test('after a lost connection the watch reconnects, and changes of the meantime are applied', async () => {
    await started();
    await slapd.signal('SIGTERM');
    await waitUntil('the loss is logged', () =>
      daemon.output().stderr.includes('change notifications are unavailable'),
    );
    await slapd.start();
    await slapd.change(`dn: ${dn('p5')}\nchangetype: delete\n`);
    await waitUntil('the leaver', () => at.active()['p5'] === false);
    await slapd.change(`dn: ${dn('p6')}\nchangetype: delete\n`);
    await waitUntil('another one', () => at.active()['p6'] === false);
    await ended();
    expect(active()).toBe(28);
  });

  test('a leaver does not wait for a long pass to end', async () => {
    at.configure({}, { limits: { requestsPerSecond: 30, concurrency: 4 } });
    await started();
    const joiners = Array.from({ length: 300 }, (_, index) => `joiner${index}`);
    await slapd.change(joiners.map((uid) => person(uid)).join('\n'));
    await waitUntil('some joiners', () => at.app.users.size > 40);
    await slapd.change(`dn: ${dn('p3')}\nchangetype: delete\n`);
    await waitUntil('the leaver', () => at.active()['p3'] === false);
    expect(at.app.users.size).toBeLessThan(250);
    await waitUntil('all joiners', () => at.app.users.size === 330);
    expect(at.app.log.filter(({ method, status }) => method === 'POST' && status !== 201)).toEqual([]);
    await ended();
  });

  test('many removals one after the other are held as if they came at once', async () => {
    await started();
    for (const uid of numbered(10)) {
      await slapd.change(`dn: ${dn(uid)}\nchangetype: delete\n`);
      await waitUntil(`the leaver ${uid}`, () => at.active()[uid] === false);
    }
    await slapd.change(`dn: ${dn('p11')}\nchangetype: delete\n`);
    await waitUntil('the hold', () =>
      daemon
        .output()
        .stderr.includes(
          'held: app: would deactivate or delete 1 of 30 people, after 10 within 24 h; the limit is 5 % above 10.',
        ),
    );
    await slapd.change(person('last'));
    await waitUntil('what is not held goes on', () => at.active()['last'] === true);
    expect(active()).toBe(21);
    await ended();
    expectExitCode(await at.pass('--allow-removals', '1'), 0);
    expect(active()).toBe(20);
  });
});
