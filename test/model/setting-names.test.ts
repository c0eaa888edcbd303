import { expect, test } from '@jest/globals';
import { IncompleteReading } from '../../src/model/errors.ts';

test.each([
  ['Check source.users.file, or source.tls.', 'Check sources.ad.users.file, or sources.ad.tls.'],
  ['Correct source.groups in the configuration', 'Correct sources.ad.groups in the configuration'],
  ['it wrote more than 5 MiB (source.maxMegabytes)', 'it wrote more than 5 MiB (sources.ad.maxMegabytes)'],
  ['/data/source.users.file is a directory', '/data/source.users.file is a directory'],
  ['source.users.csv and source.csv are empty', 'source.users.csv and source.csv are empty'],
  ['the resource.users of a source. Users wait', 'the resource.users of a source. Users wait'],
  ['sources.hr.users.file', 'sources.hr.users.file'],
])('%s', (text, expected) => {
  const error = new IncompleteReading('csv.fileMissing', (consequence) => `${text}; ${consequence}`);
  // A second time changes nothing.
  for (const source of ['ad', 'other']) error.nameSettings(source);
  expect(error.message).toBe(`${expected}; nothing was planned or changed`);
  expect(error.describe('source ad stays')).toBe(`${expected}; source ad stays`);
});
