import { expect, test } from '@jest/globals';
import { issueLines, loadFrom, minimalConfig, requireConfig } from '../fixtures.ts';

/** A primary source `hr` and a joined source `ad`, with further settings. */
function configWithSources(hr: object, ad: object): unknown {
  const { source, ...rest } = minimalConfig();
  const join = { on: 'ad.number', equals: 'hr.id' };
  return { ...rest, sources: { hr: { ...source, ...hr }, ad: { ...source, join, ...ad } } };
}

test.each<[string, object, object, readonly string[]]>([
  ['each source has a schedule and live changes', { schedule: '0 6 * * *' }, { changes: 'live' }, []],
  ['a schedule that is none', { schedule: 'daily' }, {}, ['sources.hr.schedule config.schedule']],
  ['a schedule of a joined source that is none', {}, { schedule: '*' }, ['sources.ad.schedule config.schedule']],
  ['two primary sources', { primary: true }, { primary: true }, ['sources.ad.primary config.primarySource']],
  ['no primary source', { join: { on: 'hr.id', equals: 'ad.id' } }, {}, ['sources config.primarySource']],
  ['a second source without a join', {}, { join: undefined }, ['sources.ad config.primarySource']],
])('%s', (_what, hr, ad, lines) => {
  expect(issueLines(loadFrom(configWithSources(hr, ad)))).toEqual(lines);
});

test('a source that is not one of several has the schedule of the configuration', () => {
  const config = minimalConfig();
  config.source.schedule = '0 6 * * *';
  expect(issueLines(loadFrom(config))).toEqual(['source.schedule config.unknownKey']);
});

test.each([
  ['neither a schedule nor live changes', {}, {}, undefined],
  ['a schedule of the primary source', { schedule: '0 6 * * *' }, {}, '*/15 * * * *'],
  ['a schedule of the joined source', {}, { schedule: '0 6 * * *' }, '*/15 * * * *'],
  ['a live joined source', {}, { changes: 'live' }, '*/15 * * * *'],
])('the default schedule of passes, with %s', (_what, hr, ad, schedule) => {
  expect(requireConfig(loadFrom(configWithSources(hr, ad))).schedule).toBe(schedule);
});
