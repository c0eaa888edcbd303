import { code, list, prose, table } from './markdown.ts';
import { sections, listSettings, type Schema, type ProfileFile } from './settings.ts';

/** A built-in profile, as in its file. */
export interface BuiltInProfile extends ProfileFile {
  readonly name: string;
  readonly description?: string;
  readonly url?: string;
  readonly auth?: readonly string[];
  readonly sources?: readonly string[];
  readonly notes?: readonly string[];
  readonly verifiedOn?: string;
  readonly supportLevel?: string;
  readonly misbehaviours?: readonly number[];
}

/** The text of docs/profiles.md, from the JSON Schema of a profile and the built-in profiles, including `generic`. */
export function profilesPage(schema: Schema, builtIns: readonly BuiltInProfile[]): string {
  const generic = builtIns.find(({ name }) => name === 'generic');
  if (generic === undefined) throw new Error('the profile generic is missing');
  const others = builtIns
    .filter((profile) => profile !== generic)
    .toSorted((one, other) => one.name.localeCompare(other.name));
  const settings = listSettings(schema, generic).map(({ name, meaning, choices, defaultValue }) => [
    `\`${name}\``,
    prose(meaning),
    choices.map(code).join(', '),
    defaultValue === undefined ? '' : code(defaultValue),
  ]);
  return (
    [
      introduction,
      '## Which settings are there?',
      table(['setting', 'meaning', 'one of', 'generic'], settings),
      '## Which profiles are built in?',
      table(
        ['profile', 'support level', 'verified on', 'differs from generic in'],
        [generic, ...others].map(profileRow),
      ),
      ...[generic, ...others].map(profileSection),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

function profileRow(profile: BuiltInProfile): readonly string[] {
  return [
    `[${profile.name}](#${profile.name})`,
    profile.supportLevel ?? '',
    profile.verifiedOn ?? '',
    profile.name === 'generic' ? '(all others extend it)' : changedSettings(profile),
  ];
}

function changedSettings(profile: BuiltInProfile): string {
  const settings = sections.flatMap((part) => Object.keys(profile[part] ?? {}));
  return settings.length === 0 ? 'nothing' : settings.map((setting) => `\`${setting}\``).join(', ');
}

function profileSection(profile: BuiltInProfile): string {
  const {
    name,
    description = '',
    url,
    auth = [],
    notes = [],
    sources = [],
    misbehaviours = [],
    supportLevel = '',
    verifiedOn = '',
  } = profile;
  const facts = [
    ...(url === undefined ? [] : [`Base URL: ${/^https?:\S+$/.test(url) ? `\`${url}\`` : prose(url)}`]),
    auth.length === 0 ? 'Credentials: unknown' : `Credentials: ${auth.map((kind) => `\`${kind}\``).join(', ')}`,
    `Support level: ${supportLevel}, verified on ${verifiedOn}`,
    ...(misbehaviours.length === 0 ? [] : [`Misbehaviours that the sandbox imitates: ${misbehaviours.join(', ')}`]),
  ];
  const settings =
    name === 'generic'
      ? []
      : sections.flatMap((part) =>
          Object.entries(profile[part] ?? {}).map(([setting, value]) => [`\`${part}.${setting}\``, code(value)]),
        );
  return [
    `### ${name}`,
    prose(description),
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...(notes.length === 0 ? [] : ['Notes for administrators:', list(notes)]),
    ...(settings.length === 0 ? [] : [table(['setting', 'value'], settings)]),
    'Sources:',
    list(sources),
  ].join('\n\n');
}

const introduction = `# Profiles

<!-- Written by "npm run schema" from config/profile.schema.json and config/profiles; change those. -->

How does scimsync know what an application supports? By its profile, a JSON document. Name a built-in one in the target:

\`\`\`json
"profile": "slack"
\`\`\`

A profile has three parts: \`supports\` (which groups, attributes and values the application stores), \`protocol\` (how
requests are written, and what responses mean) and \`limits\` (rates and sizes). The program itself contains no
application's name, and a built-in profile has no more abilities than one of your own.

Precedence: configuration, then profile, then discovery (ServiceProviderConfig), then default.

## How do I write a profile of my own?

Write only the settings that differ, in place of the name or in a file
(\`"profile": "./slack-grid.json"\`, relative to the configuration file):

\`\`\`json
"profile": {
  "extends": "slack",
  "name": "slack-grid",
  "supports": { "unsupportedAttributes": ["title"] },
  "limits": { "requestsPerSecond": 2 }
}
\`\`\`

It inherits all other settings from the profile that it \`extends\`, and finally from \`generic\`. A list or an object
replaces the inherited one; only the entries of \`protocol.endpoints\` are inherited one by one.

\`name\` appears in messages. These keys are for documentation and change nothing: \`description\`, \`url\` (the form of
the base URL), \`auth\` (supported credentials), \`sources\` (where each setting comes from), \`notes\` (for
administrators), \`verifiedOn\` (a date) and \`supportLevel\`. With \`"$schema": "…/config/profile.schema.json"\` an
editor completes and checks a profile in a file of its own.

## What if the application is not documented?

\`\`\`sh
scimsync probe acme --write acme.json   # finds the settings out with test accounts, and removes them again
scimsync sandbox --profile slack        # runs a local application that behaves as a profile describes
\`\`\`

Use the file that \`probe\` wrote as \`"profile": "./acme.json"\`. \`misbehaviours\` lists the numbers of faults that
the application is known for, beyond the settings; the sandbox imitates them, and
\`scimsync sandbox --list-misbehaviours\` explains each number. It lists only permanent behaviour; occasional problems
(a token without a scope, an account of another customer) are in the notes.

## Support levels

| level | meaning |
|---|---|
| documented | the differences from \`generic\` come from the vendor's documentation, unless a source or note differs |
| seen in code | they come from the application's code, or from other code of its vendor |
| probed | \`scimsync probe\` found them on the date in \`verifiedOn\` |
| untested against the vendor | hardly any documentation is public: treat it as \`generic\`, run \`probe\` |

No level means that a test with the vendor took place. A setting without any source is that of \`generic\`. If a setting
is a precaution and not a fact, the notes state this.`;
