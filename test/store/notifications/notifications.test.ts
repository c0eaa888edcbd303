import { expect, test } from '@jest/globals';
import type { IncidentFact } from '../../../src/model/notify/incident.ts';
import { stateBefore } from '../earlier-state.ts';
import { at, state } from '../state.ts';

const fact = (changes: Partial<IncidentFact> = {}): IncidentFact => ({
  ...{ kind: 'expires', target: 'app', text: 'soon', details: ['a'], command: undefined, stage: 0, delayMs: 0 },
  ...changes,
});

test('incidents of an earlier version last, and what channels accepted stays', async () => {
  const file = stateBefore(
    '0095',
    `insert into incident values (1, 'held', 'app', 'held', '[]', null, 5, null);
    insert into notification_channel (name, since) values ('chat', 3);
    insert into incident_report values (1, 'opened', 'chat', 7)`,
  );
  const one = state(file);
  await expect(one.store.command(async ({ notifications }) => notifications.state())).resolves.toEqual({
    incidents: [
      {
        ...{ id: 1, kind: 'held', target: 'app', text: 'held', details: [], command: undefined, stage: 0 },
        ...{ opened: 5, isPending: false, worsened: undefined, closed: undefined },
      },
    ],
    reported: [{ incident: 1, change: 'opened', channel: 'chat', at: 7 }],
    channels: [{ channel: 'chat', since: 3, digestAt: undefined, failure: undefined }],
  });
});

test('an incident is pending, confirmed, worse and closed; one that was none is forgotten', async () => {
  const one = state();
  await one.store.command(async ({ notifications }) => {
    notifications.open(fact(), true, at(1));
    notifications.open(fact({ target: undefined }), true, at(2));
    notifications.keepChannels(['mail'], at(2));
    notifications.confirm(1);
    notifications.revise(1, fact({ text: 'sooner', stage: 1 }), at(3));
    notifications.revise(1, fact({ text: 'now', stage: 1 }), undefined);
    notifications.accepted('mail', [{ incident: 1, change: 'worsened' }], at(4));
    notifications.accepted('mail', [{ incident: 1, change: 'worsened' }], at(5));
    notifications.failed('mail', { failures: 2, nextTry: at(9), detail: 'no' });
    notifications.digested('mail', at(6));
    notifications.close(1, at(7));
    notifications.drop(2);
    const { incidents, reported, channels } = notifications.state();
    expect(incidents).toMatchObject([
      { id: 1, text: 'now', stage: 1, isPending: false, opened: 1, worsened: 3, closed: 7 },
    ]);
    expect(reported).toEqual([{ incident: 1, change: 'worsened', channel: 'mail', at: 5 }]);
    expect(channels).toEqual([{ channel: 'mail', since: 2, digestAt: 6, failure: undefined }]);
  });
});
