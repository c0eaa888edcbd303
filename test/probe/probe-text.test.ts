import { expect, test } from '@jest/globals';
import { probeLines, probeText } from '../../src/cli/print/probe-text.ts';
import { instant } from '../../src/model/ids.ts';
import { toProfileFile, type ProbeResult } from '../../src/probe/probe.ts';
import { generic } from './run-probe.ts';

const probed: ProbeResult = {
  at: instant(0),
  findings: [
    { topic: 'PATCH', sentence: 'no form of PATCH works', settings: { protocol: { update: 'put' } } },
    { topic: 'ETag', sentence: 'the effect is not visible', undecided: true },
  ],
  profile: { ...generic, protocol: { ...generic.protocol, update: 'put' } },
  remnants: [
    { resourceType: 'User', name: 'canary-1', id: '7', state: 'present', reason: '403' },
    { resourceType: 'Group', name: 'canary-group-1', state: 'possible', reason: 'no answer' },
  ],
  evidence: [],
  requests: 3,
};
const profileFile = toProfileFile(probed, generic, { name: 'app', url: 'http://app.example/scim' });

test('JSON lines have stable keys and states', () => {
  expect(probeLines('app', probed, profileFile).map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      type: 'finding',
      target: 'app',
      about: 'PATCH',
      sentence: 'no form of PATCH works',
      words: { protocol: { update: 'put' } },
    },
    { type: 'finding', target: 'app', about: 'ETag', sentence: 'the effect is not visible', undecided: true },
    { type: 'remnant', target: 'app', kind: 'User', name: 'canary-1', id: '7', state: 'there', why: '403' },
    { type: 'remnant', target: 'app', kind: 'Group', name: 'canary-group-1', state: 'perhaps', why: 'no answer' },
    { type: 'profile', target: 'app', requests: 3, profile: profileFile },
  ]);
});

test('the text shows each finding with the settings that it decides', () => {
  expect(probeText(probed, profileFile).slice(0, 2)).toEqual([
    'PATCH  no form of PATCH works  → update put',
    'ETag   the effect is not visible  → not decided',
  ]);
});
