import { expect, test } from '@jest/globals';
import { createAbortGroups } from '../../../../src/scim/transport/network/abort-groups.ts';

test('ends all that run with a signal, and nothing that has ended or has another one', () => {
  const groups = createAbortGroups();
  const failures: string[] = [];
  const start = (name: string, signal: AbortSignal) => {
    const running = { fail: (reason: unknown) => failures.push(`${name}: ${(reason as Error).message}`) };
    groups.add(signal, running);
    return () => groups.remove(signal, running);
  };
  const [one, other] = [new AbortController(), new AbortController()];
  start('first', one.signal);
  start('second', one.signal)();
  start('third', other.signal);
  start('fourth', one.signal);
  one.abort(new Error('closed'));
  expect(failures).toEqual(['first: closed', 'fourth: closed']);
});

test('listens to a signal again after its last request ended', () => {
  const groups = createAbortGroups();
  const failures: unknown[] = [];
  const controller = new AbortController();
  const running = { fail: (reason: unknown) => failures.push(reason) };
  groups.add(controller.signal, running);
  groups.remove(controller.signal, running);
  groups.add(controller.signal, running);
  controller.abort('closed');
  expect(failures).toEqual(['closed']);
});
