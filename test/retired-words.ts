/** A word that the project no longer uses, and the standard term that replaces it. */
export interface RetiredWord {
  readonly pattern: RegExp;
  readonly use: string;
}

/**
 * Words that an engineer of the identity field reads as something else, or not at all. Someone whose second language
 * is English must understand each sentence at the first reading, so pronouns of people without an actor and the
 * project's own coinages are here, each with the term of RFC 7643, RFC 7644, HTTP, LDAP or databases.
 */
export const retired: readonly RetiredWord[] = [
  // Pronouns and turns of phrase: name the actor.
  { pattern: /\b(?:whoever|whomever|whosoever)\b/, use: 'a user who …, the entry that …' },
  { pattern: /\b(?:nobody|no one)\b/, use: 'no user, no entry' },
  { pattern: /\b(?:somebody|someone)(?:'s)?\b/, use: 'a user, a person, another account' },
  { pattern: /\b(?:anybody|anyone)(?:'s)?\b/, use: 'any user' },
  { pattern: /\b(?:everybody|everyone)(?:'s)?\b/, use: 'all users' },
  { pattern: /\b(?:say|says|said|saying|unsaid)\b/, use: 'send, state, report, print' },
  { pattern: /\b(?:sayable|unsayable)\b/, use: 'encodable, not encodable' },
  { pattern: /\b(?:speaks|spoken to)\b/, use: 'uses, supports; profile.protocol' },
  { pattern: /\b(?:hears?|heard)\b/, use: 'receives, is notified' },
  { pattern: /\b(?:told|tells|untold)\b/, use: 'reports, states, notifies' },
  { pattern: /\bso (?:many|long)\b|\bas long\b(?! as)/, use: 'the number or the duration itself' },
  { pattern: /\bwhat (?:is|was) there\b/, use: 'the existing resource, the current value' },
  { pattern: /\bnone of\b/, use: 'no' },
  { pattern: /\banew\b/, use: 'again' },
  { pattern: /\bin vain\b/, use: 'without success' },
  { pattern: /\bmend(?:s|ed|ing)?\b/, use: 'correct, fix, repair' },
  { pattern: /\bunbeliev(?:able|ed)\b/, use: 'implausible' },
  { pattern: /\b(?:believes?|believed|believing)\b/, use: 'accept, trust; the reading is plausible' },
  // Coinages: the term of the field.
  { pattern: /\bhaste\b/, use: 'rate-limit backoff' },
  { pattern: /\bhabits?\b/, use: 'capabilities, behaviour' },
  { pattern: /\bparcels?\b/, use: 'batch' },
  { pattern: /\broster\b/, use: 'group members' },
  { pattern: /\bfullness\b/, use: 'attribute support' },
  { pattern: /\baftermath\b/, use: 'follow-ups' },
  { pattern: /\b(?:give|gives|giving|gave) way\b/, use: 'is preempted' },
  { pattern: /\bstir(?:s|red|ring)?\b/, use: 'mark dirty' },
  { pattern: /\bdoubtful\b|\b(?:an?|the|these|those|its|resolve) doubts?\b|\bdoubts\b/, use: 'in doubt' },
  { pattern: /\bunsettled\b/, use: 'recently renamed' },
  { pattern: /\b(?:newcomers?)\b/, use: 'new user, joiner' },
  { pattern: /\b(?:strangers?)\b/, use: 'unrelated account, unresolved member, unknown column' },
  // `twin` in quotes is a word of the lines of `drift --json`.
  { pattern: /(?<![`'"])\btwins?\b/, use: 'duplicate' },
  { pattern: /\bnamesakes?\b/, use: 'duplicate name' },
  { pattern: /\binsane\b/, use: 'implausible' },
  { pattern: /\bcredulous\b/, use: 'without sanity checks' },
  { pattern: /\b(?:wish|wishes|wished)\b/, use: 'desired state' },
  { pattern: /\bfates?\b/, use: 'planned state' },
  { pattern: /\bpark(?:s|ed|ing)?\b/, use: 'temporary name' },
  { pattern: /\bdoorbell\b/, use: 'ping' },
  { pattern: /\bmishaps?\b/, use: 'injected fault' },
  { pattern: /\bvoyages?\b/, use: 'random history' },
  { pattern: /\bfarewell\b/, use: 'clean-up' },
  { pattern: /\bsound(?:s)? out\b/, use: 'probe' },
  { pattern: /\blateness\b/, use: 'consistency delay' },
  {
    pattern: /\bin (?:our|their|its) words\b|\b(?:our|their|its) own words\b/,
    use: 'normalised body, the message of the target',
  },
  // Words of profiles before they had the names of RFC 7643.
  {
    pattern:
      /[`"'](?:speaks|holds|allows|plays)(?:\.[a-zA-Z.]+)?[`"']|\b(?:profile|settings)\.(?:speaks|holds|allows|plays)\b/,
    use: 'protocol, supports, limits, misbehaviours',
  },
  {
    pattern:
      /[`"'](?:givenGroups|foldsCase|foldsPunctuation|memberParts|membersQuery|readsMembers|readBack|inactiveChanges|conflictWords|mixesMembers|patchedGroupMembers|bodyBytes|bulkOperations)[`"']/,
    use: 'the name of today (docs/profiles.md)',
  },
];

/**
 * Folders and files that are not rewritten yet; the checks of words, line lengths and folder sizes leave them out.
 * Remove an entry as soon as its files are clean, and add none.
 */
export const pending: readonly string[] = [];

/** Single files that contain retired words for good, each with the reason. Their line lengths are checked. */
export const exempt: Readonly<Record<string, string>> = {
  'test/retired-words.ts': 'It defines the retired words.',
  'test/architecture.test.ts': 'It tests the check of retired words with examples.',
  'test/store/schema-2.ts': 'It writes a state file of schema 2, whose tables and columns had other names.',
};

/** What of a line counts: words in any case, and those that a camelCase or SNAKE_CASE name is made of. */
function wordsOf(line: string): string {
  return line
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}

/** Retired words of a text, as "line word → use X". */
export function retiredWordsIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const words = wordsOf(line);
    return retired.flatMap(({ pattern, use }) => {
      // Names of profile settings are camelCase and keep their case; everything else is looked for in plain words.
      const match = pattern.exec(words) ?? pattern.exec(line);
      return match === null ? [] : [`${index + 1} ${match[0]} → use ${use}`];
    });
  });
}

/** Columns that a line may have. prettier wraps code at it; comments and long strings are wrapped by hand. */
export const columns = 120;

/**
 * Lines that are too long, as line numbers. Two kinds of line are excepted, because no line break can shorten them:
 * a regular expression that stands alone on its line, and a line whose longest run without a blank (a URL, a path)
 * does not fit behind the indentation.
 */
export function longLinesIn(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.length <= columns || isRegularExpression.test(line)) return [];
    const indentation = line.length - line.trimStart().length;
    const longestRun = Math.max(...line.split(/\s+/).map((run) => run.length));
    return indentation + longestRun > columns ? [] : [index + 1];
  });
}

const isRegularExpression = /^\s*\/(?![/*]).+\/[dgimsuvy]*[),;]*$/;
