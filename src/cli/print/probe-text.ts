import type { Endpoints } from '../../model/profile.ts';
import type { Finding, ProbeResult, Remnant, ProfileFile } from '../../probe/probe.ts';

/** The findings for the operator: a table of sentences with the settings that they decide, then the profile. */
export function probeText({ findings, requests }: ProbeResult, profileFile: ProfileFile): readonly string[] {
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  return [
    ...findings.map((finding) => `${finding.topic.padEnd(width)}  ${finding.sentence}${settingsText(finding)}`),
    '',
    `${requests} requests. The profile; settings that it omits are those of "${profileFile.extends}":`,
    '',
    JSON.stringify(profileFile, undefined, 2),
  ];
}

function settingsText({ settings, undecided }: Finding): string {
  if (undecided === true) return '  → not decided';
  const all = Object.entries({ ...settings?.supports, ...settings?.protocol, ...settings?.limits });
  const texts = all.map(
    ([setting, value]) => `${setting} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return texts.length === 0 ? '' : `  → ${texts.join(', ')}`;
}

/** The same as JSON lines, whose keys and values are a stable interface. */
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
      state: jsonStates[state],
      why: reason,
    })),
    { type: 'profile', target, requests, profile: profileFile },
  ].map((line) => JSON.stringify(line));
}

/** States of canaries as the JSON lines spell them. */
const jsonStates: Readonly<Record<Remnant['state'], string>> = {
  present: 'there',
  possible: 'perhaps',
  deactivated: 'closed',
};

/** A canary that remains, and how to remove it. */
export function remnantText(
  { resourceType, name, id, state, reason }: Remnant,
  url: string,
  endpoints: Endpoints,
): string {
  const { origin, pathname } = new URL(url);
  const endpoint = resourceType === 'User' ? endpoints.users : endpoints.groups;
  const resourceUrl = `${origin}${pathname.replace(/\/+$/, '')}${endpoint}`;
  const label = `${resourceType === 'User' ? 'user' : 'group'} ${name}${id === undefined ? '' : ` (id ${id})`}`;
  switch (state) {
    case 'deactivated':
      return `deactivated, not removed: ${label}; ${reason}`;
    case 'present':
      return (
        `NOT REMOVED: ${label}: ${reason}. ` +
        `Delete it in the application, or by DELETE ${resourceUrl}/${encodeURIComponent(id ?? '')}`
      );
    case 'possible':
      return `MAY EXIST: ${label}: ${reason}. Search for that name in the application, and delete it`;
  }
}
