import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import type { NumberedNotice } from '../../../src/store/store.ts';
import { noticingLanes } from '../../../src/sync/lanes/noticing-lanes.ts';

function lanesOf(...targets: readonly string[]) {
  const notices: NumberedNotice[] = [{ id: 1, command: 'pause', target: 'crm' }];
  let now = instant(0);
  const clock = { now: () => (now = instant(now + 20)) };
  const lanes = noticingLanes({ after: (id) => notices.filter((notice) => notice.id > id) }, clock);
  const leave = (command: NumberedNotice['command'], target?: string): void =>
    void notices.push({ id: notices.length + 1, command, target });
  const entered = targets.map((target) => lanes.enter(target, { pass: 1, reading: 1 }));
  const state = (): readonly string[] =>
    entered.map((lane) => (lane?.end?.aborted === true ? 'ended' : lane?.news.pending === true ? 'news' : 'goes on'));
  return { leave, state, entered, lanes };
}

test.each<[NumberedNotice['command'], string | undefined, readonly string[]]>([
  ['pause', 'crm', ['ended', 'goes on']],
  ['freeze', undefined, ['news', 'news']],
  ['unfreeze', undefined, ['news', 'news']],
  ['resume', 'crm', ['goes on', 'goes on']],
  ['approve', 'crm', ['goes on', 'goes on']],
])('%s of %p', (command, target, expected) => {
  const { leave, state, lanes } = lanesOf('crm', 'chat');
  expect(state()).toEqual(['goes on', 'goes on']);
  leave(command, target);
  lanes.takeNotices();
  expect(state()).toEqual(expected);
});

test('news is taken once, and a lane that has left takes no notice', async () => {
  const { leave, state, entered } = lanesOf('crm');
  leave('freeze');
  expect(state()).toEqual(['news']);
  entered[0]?.news.take();
  expect(state()).toEqual(['goes on']);
  await entered[0]?.leave({ kind: 'unplanned' });
  leave('pause', 'crm');
  expect(state()).toEqual(['goes on']);
});
