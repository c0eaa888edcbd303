import type { Endpoints } from '../../model/profile.ts';
import type { Finding, ProbeResult, Remnant, ProfileFile } from '../../probe/probe.ts';

/** What was found out, for a person: a table of sentences with the words that they decide, then the profile. */
export function probeText({ findings, requests }: ProbeResult, profileFile: ProfileFile): readonly string[] {
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  return [
    ...findings.map((finding) => `${finding.topic.padEnd(width)}  ${finding.sentence}${settingsText(finding)}`),
    '',
    `${requests} requests. The profile, of which every word that is left out is that of "${profileFile.extends}":`,
    '',
    JSON.stringify(profileFile, undefined, 2),
  ];
}

function settingsText({ settings, undecided }: Finding): string {
  if (undecided === true) return '  → not decided';
  const all = Object.entries({ ...settings?.supports, ...settings?.protocol, ...settings?.limits });
  return all.length === 0
    ? ''
    : `  → ${all.map(([setting, value]) => `${setting} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')}`;
}

/** The same as JSON lines; their keys are read by other programs and stay as they are. */
export function probeLines(
  target: string,
  { findings, remnants, requests }: ProbeResult,
  profileFile: ProfileFile,
): readonly string[] {
  return [
    ...findings.map(({ topic, sentence, settings, undecided }) => ({
      type: 'finding',
      target,
      about: topic,
      sentence,
      words: settings,
      undecided,
    })),
    ...remnants.map(({ resourceType, name, id, state, reason }) => ({
      type: 'remnant',
      target,
      kind: resourceType,
      name,
      id,
      state,
      why: reason,
    })),
    { type: 'profile', target, requests, profile: profileFile },
  ].map((line) => JSON.stringify(line));
}

/** What is still there, and how it goes. */
export function remnantText(
  { resourceType, name, id, state, reason }: Remnant,
  url: string,
  endpoints: Endpoints,
): string {
  const resourceUrl = `${new URL(url).origin}${new URL(url).pathname.replace(/\/+$/, '')}${resourceType === 'User' ? endpoints.users : endpoints.groups}`;
  const label = `${resourceType === 'User' ? 'the person' : 'the group'} ${name}${id === undefined ? '' : ` (id ${id})`}`;
  switch (state) {
    case 'closed':
      return `closed, and not removed: ${label}; ${reason}`;
    case 'there':
      return `NOT REMOVED: ${label}: ${reason}. Remove it there, or by DELETE ${resourceUrl}/${encodeURIComponent(id ?? '')}`;
    case 'perhaps':
      return `PERHAPS THERE: ${label}: ${reason}. Look for that name there, and remove it`;
  }
}
