import { describe, expect, test } from '@jest/globals';
import { configWith, issueLines, loadFrom } from '../fixtures.ts';

const program = (name: string, more: object = {}): object => ({ name, type: 'command', run: ['./page'], ...more });

describe('channels of notifications', () => {
  test.each([
    [[program('chat'), program('pager', { targets: ['app'], events: ['held'] })], []],
    [[program('chat'), program('pager'), program('chat')], ['notify[2].name config.nameDuplicate']],
    [[program('chat', { targets: ['app', 'ap'] })], ['notify[0].targets[1] config.invalidValue → app']],
    [[program('chat', { events: ['weather'] })], ['notify[0].events[0] config.notAllowed']],
    [[{ name: 'chat', type: 'webhook', url: { env: 'NOWHERE' } }], ['notify[0].url config.secretMissing']],
  ])('%j', (notify, expected) => {
    expect(issueLines(loadFrom(configWith('notify', notify)))).toEqual(expected);
  });
});
