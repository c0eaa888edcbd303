import { expect, test } from '@jest/globals';
import { createSupervisor, type Supervisor } from '../../../src/daemon/supervision/supervisor.ts';

const starting = 'STATUS=the first pass is running';

test.each<[string, (supervisor: Supervisor) => void, readonly (readonly string[])[]]>([
  [
    'is ready once',
    (it) => {
      it.ready();
      it.ready();
    },
    [['READY=1', starting]],
  ],
  [
    'reloads with the time of the beginning',
    (it) => {
      it.ready();
      it.reloading();
      it.reloaded();
    },
    [['READY=1', starting], ['RELOADING=1', 'MONOTONIC_USEC=1234'], ['READY=1']],
  ],
  [
    'reports no reload before it is ready',
    (it) => {
      it.reloading();
      it.reloaded();
    },
    [],
  ],
  [
    'sends a status only when it changes',
    (it) => {
      it.passEnded(0);
      it.passEnded(0);
      it.passEnded(3);
    },
    [['STATUS=the last pass left nothing to do'], ['STATUS=something waits for a decision: see "scimsync status"']],
  ],
  [
    'keeps a reason on one line',
    (it) => it.passFailed('the state\nREADY=1\tis locked'),
    [['STATUS=the last pass failed: the state READY=1 is locked']],
  ],
  ['stops', (it) => void it.stopping(), [['STOPPING=1', 'STATUS=completing the requests in flight']]],
])('%s', (_, act, expected) => {
  const sent: (readonly string[])[] = [];
  const send = (lines: readonly string[]): Promise<void> => {
    sent.push(lines);
    return Promise.resolve();
  };
  act(createSupervisor(send, () => 1234n));
  expect(sent).toEqual(expected);
});
