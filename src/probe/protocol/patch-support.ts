import type { FlatResource } from '../../model/resource.ts';
import { isBlank, fromScimJson } from '../../model/scim-json.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import {
  patchVariants,
  opVariants,
  patchBody,
  titleWithoutPath,
  type PatchVariant,
  type PatchVariantName,
} from './patch-variants.ts';
import { compareStored } from '../users/stored-values.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';

/** What came of one form. Only what a read shows counts: a success may be none. */
export type PatchEffect =
  | 'works'
  | 'refused'
  | 'silent'
  | 'unsupported'
  /** Understood, and what stood beside it is gone. */
  | 'wipes'
  /** Understood as the name of a new attribute, such as "name.familyName". */
  | 'litters';

export type PatchEffects = ReadonlyMap<PatchVariantName, PatchEffect>;

const topic = 'PATCH';
const candidatePaths = ['title', 'displayName', 'nickName', 'name.familyName', 'externalId'];

/** Tries each form of PATCH on one person. @returns what each did; empty where nothing could be tried */
export async function probePatch(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<PatchEffects> {
  const effects = new Map<PatchVariantName, PatchEffect>();
  const usable = candidatePaths.filter((path) => stored[path] !== undefined);
  const [first] = usable;
  if (first === undefined) {
    session.findings.add(
      undecided(
        topic,
        'nothing that it shows of a person can be changed, so whether a PATCH is understood cannot be seen',
      ),
    );
    return effects;
  }
  // Some keep certain attributes as they were made, whatever is said: what one does not show, another may.
  let simplePath = first;
  for (const path of usable) {
    for (const variant of opVariants(path))
      if ((await tryVariant(session, canary, variant, effects)) === 'unsupported') return effects;
    if (!isUsable('always', effects)) continue;
    simplePath = path;
    break;
  }
  const spellOp = (op: string): string =>
    needsTitleCase(effects) ? `${op[0]?.toUpperCase() ?? ''}${op.slice(1)}` : op;
  const tryAll = async (): Promise<void> => {
    for (const variant of patchVariants(stored, simplePath, spellOp))
      await tryVariant(session, canary, variant, effects);
  };
  await tryAll();
  // Neither a path nor the op in lower case: each hid the other.
  if (
    pathStyleOf(effects) === undefined &&
    (await tryVariant(session, canary, titleWithoutPath(simplePath), effects)) === 'works'
  )
    await tryAll();
  await probeOperationCount(session, canary, simplePath, effects);
  return effects;
}

async function tryVariant(
  session: ProbeSession,
  canary: Canary,
  variant: PatchVariant,
  effects: Map<PatchVariantName, PatchEffect>,
): Promise<PatchEffect> {
  const { effect, response } = await applyVariant(session, canary, variant);
  effects.set(variant.name, effect);
  session.findings.add(finding(topic, `${variant.sentence}: ${describeEffect(effect, response)}`));
  return effect;
}

const operationCounts = [10, 2];

/** How many operations one PATCH may have; more than ten were not tried. */
async function probeOperationCount(
  session: ProbeSession,
  canary: Canary,
  simplePath: string,
  effects: PatchEffects,
): Promise<void> {
  if (pathStyleOf(effects) !== 'always') return;
  const op = needsTitleCase(effects) ? 'Replace' : 'replace';
  for (const count of operationCounts) {
    const last = `operation ${count} of ${count}`;
    const operations = Array.from({ length: count }, (_, at) => ({
      op,
      path: simplePath,
      value: `operation ${at + 1} of ${count}`,
    }));
    const { effect, response } = await applyVariant(session, canary, {
      operations,
      expected: { [simplePath]: last },
      siblings: [],
    });
    session.findings.add(
      finding(
        topic,
        `${count} operations in one: ${describeEffect(effect, response)}`,
        effect === 'works' && count < 10 ? { limits: { operationsPerPatch: count } } : undefined,
      ),
    );
    if (effect === 'works') return;
  }
  session.findings.add(finding(topic, 'one operation in each', { limits: { operationsPerPatch: 1 } }));
}

async function applyVariant(
  session: ProbeSession,
  canary: Canary,
  variant: Pick<PatchVariant, 'operations' | 'expected' | 'siblings'>,
): Promise<{ readonly effect: PatchEffect; readonly response: Response }> {
  const { body: first } = await session.read(canary);
  const before = fromScimJson(first, variant.siblings);
  const response = await session.write('PATCH', canary, patchBody(variant.operations));
  const decision = decide(response);
  if (decision === 'unsupported') return { effect: 'unsupported', response };
  if (decision !== 'accept') return { effect: 'refused', response };
  const { body } = await session.readUntil(canary, (each) => showsValues(each, variant.expected));
  if (createsLiteralAttribute(first, body)) return { effect: 'litters', response };
  if (!showsValues(body, variant.expected)) return { effect: 'silent', response };
  const after = fromScimJson(body, variant.siblings);
  const isWhole = Object.keys(before).every((path) => !isBlank(after[path]));
  return { effect: isWhole ? 'works' : 'wipes', response };
}

/** Whether a path was taken for a name: the resource has a new attribute that is called like one. */
export function createsLiteralAttribute(before: unknown, after: unknown): boolean {
  const known = new Set(namesIn(before));
  return namesIn(after).some(
    (name) => !known.has(name) && (/[[\]]/.test(name) || /^[^:]*\./.test(name) || /^urn:.*:User:[a-z]+/i.test(name)),
  );
}

const namesIn = (resource: unknown): readonly string[] =>
  typeof resource === 'object' && resource !== null ? Object.keys(resource) : [];

/** Whether a resource shows these values, in any case and however it punctuates them. */
export function showsValues(resource: unknown, expected: PatchVariant['expected']): boolean {
  const body = fromScimJson(resource, Object.keys(expected));
  return Object.entries(expected).every(([path, value]) => {
    if (value === null) return isBlank(body[path]);
    return ['kept', 'case', 'punctuation'].includes(compareStored(value, body[path]));
  });
}

function describeEffect(effect: PatchEffect, response: Response): string {
  switch (effect) {
    case 'works':
      return `understood (${response.status})`;
    case 'silent':
      return `answered ${response.status}, and nothing is changed`;
    case 'wipes':
      return `answered ${response.status}, and what stands beside it is wiped`;
    case 'litters':
      return `answered ${response.status}, and kept under the path as its name`;
    case 'refused':
    case 'unsupported':
      return `refused, ${errorSummary(response)}`;
  }
}

/** How much of a person can be changed by PATCH. */
export type PatchCoverage = 'all' | 'some' | 'none';

/** Which words say a change of a person so that it is understood, and whether they say everything. */
export function judgePatch(
  effects: PatchEffects,
  announcesPatch: boolean | undefined,
): { readonly coverage: PatchCoverage; readonly findings: readonly Finding[] } {
  if (effects.size === 0) return { coverage: 'none', findings: [] };
  const pathStyle = pathStyleOf(effects);
  if (pathStyle === undefined)
    return {
      coverage: 'none',
      findings: [finding(topic, 'no form of PATCH is understood', { protocol: { update: 'put' } })],
    };
  const op = needsTitleCase(effects) ? 'title' : 'lower';
  const description = {
    always: 'with a path each',
    nested: 'without a path, as an object',
    dotted: 'without a path, by dotted keys',
  }[pathStyle];
  const uncovered = uncoveredBy(pathStyle, effects);
  const findings = [
    finding(topic, `changes are said ${description}, op in ${op === 'title' ? 'title' : 'lower'} case`, {
      protocol: { patchOps: op, patchPaths: pathStyle },
    }),
    ...(announcesPatch === false
      ? [
          finding(topic, 'PATCH is understood although it says of itself that it has none', {
            protocol: { update: 'patch' },
          }),
        ]
      : []),
    ...judgeValuePaths(pathStyle, effects),
    ...(uncovered.length === 0
      ? []
      : [finding(topic, `not everything can be changed that way: ${uncovered.join(', ')}`)]),
  ];
  return { coverage: uncovered.length === 0 ? 'all' : 'some', findings };
}

const needsTitleCase = (effects: PatchEffects): boolean =>
  effects.get('lower') !== 'works' && (effects.get('title') === 'works' || effects.get('titleNested') === 'works');
const isNotWorking = (effects: PatchEffects, name: PatchVariantName): boolean =>
  effects.has(name) && effects.get(name) !== 'works';

type PathStyle = 'always' | 'nested' | 'dotted';

/** With a path wherever that says everything; else by whatever else does; else by whatever does anything. */
function pathStyleOf(effects: PatchEffects): PathStyle | undefined {
  const styles = (['always', 'nested', 'dotted'] as const).filter((style) => isUsable(style, effects));
  return styles.find((style) => uncoveredBy(style, effects).length === 0) ?? styles[0];
}

function isUsable(style: PathStyle, effects: PatchEffects): boolean {
  if (style === 'always') return effects.get('lower') === 'works' || effects.get('title') === 'works';
  return effects.get(style) === 'works';
}

/** Of each way: what must be understood so that it reaches everything, and by any of which forms that is said. What goes always needs its path. */
const coverageOf: Readonly<
  Record<PathStyle, readonly (readonly [what: string, forms: readonly PatchVariantName[]])[]>
> = {
  always: [
    ['parts of a name', ['subPath']],
    ['enterprise attributes', ['extensionPath']],
    ['elements of lists', ['valuePath', 'wholeList']],
    ['values that go', ['remove']],
  ],
  nested: [
    ['parts of a name', ['nested']],
    ['enterprise attributes', ['nestedExtension']],
    ['elements of lists', ['pathlessList']],
    ['values that go', ['remove']],
  ],
  dotted: [
    ['parts of a name', ['dotted']],
    ['enterprise attributes', ['dottedExtension']],
    ['elements of lists', ['dottedValuePath', 'pathlessList']],
    ['values that go', ['remove']],
  ],
};

/** What a way of saying changes does not reach. */
function uncoveredBy(style: PathStyle, effects: PatchEffects): readonly string[] {
  return coverageOf[style]
    .filter(([, forms]) => forms.every((form) => isNotWorking(effects, form)))
    .map(([what]) => what);
}

function judgeValuePaths(style: PathStyle, effects: PatchEffects): readonly Finding[] {
  // Without a path and without dots, a list is always replaced as a whole.
  const replacesWholeList =
    style === 'always'
      ? isNotWorking(effects, 'valuePath')
      : style === 'dotted' && isNotWorking(effects, 'dottedValuePath');
  return replacesWholeList
    ? [finding(topic, 'elements of lists are changed by replacing the list', { protocol: { valuePaths: false } })]
    : [];
}
