import type { Endpoints } from '../../model/profile.ts';
import type { Finding, Probed, Remnant, Written } from '../../probe/probe.ts';

/** What was found out, for a person: a table of sentences with the words that they decide, then the profile. */
export function probeText({ findings, requests }: Probed, written: Written): readonly string[] {
  const width = Math.max(...findings.map(({ about }) => about.length));
  return [
    ...findings.map((finding) => `${finding.about.padEnd(width)}  ${finding.sentence}${sayWords(finding)}`),
    '',
    `${requests} requests. The profile, of which every word that is left out is that of "${written.extends}":`,
    '',
    JSON.stringify(written, undefined, 2),
  ];
}

function sayWords({ words, undecided }: Finding): string {
  if (undecided === true) return '  → not decided';
  const all = Object.entries({ ...words?.holds, ...words?.speaks, ...words?.allows });
  return all.length === 0
    ? ''
    : `  → ${all.map(([word, value]) => `${word} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')}`;
}

/** The same as JSON lines. */
export function probeLines(
  target: string,
  { findings, remnants, requests }: Probed,
  written: Written,
): readonly string[] {
  return [
    ...findings.map((finding) => ({ type: 'finding', target, ...finding })),
    ...remnants.map((remnant) => ({ type: 'remnant', target, ...remnant })),
    { type: 'profile', target, requests, profile: written },
  ].map((line) => JSON.stringify(line));
}

/** What is still there, and how it goes. */
export function sayRemnant({ kind, name, id, state, why }: Remnant, url: string, endpoints: Endpoints): string {
  const where = `${new URL(url).origin}${new URL(url).pathname.replace(/\/+$/, '')}${kind === 'User' ? endpoints.users : endpoints.groups}`;
  const what = `${kind === 'User' ? 'the person' : 'the group'} ${name}${id === undefined ? '' : ` (id ${id})`}`;
  switch (state) {
    case 'closed':
      return `closed, and not removed: ${what}; ${why}`;
    case 'there':
      return `NOT REMOVED: ${what}: ${why}. Remove it there, or by DELETE ${where}/${encodeURIComponent(id ?? '')}`;
    case 'perhaps':
      return `PERHAPS THERE: ${what}: ${why}. Look for that name there, and remove it`;
  }
}
