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
import { withOpCase } from '../../scim/encode/patch-form.ts';
import { compareStored } from '../users/stored-values.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';

/** Effect of one PATCH variant, as a read shows it: a 2xx status alone proves nothing. */
export type PatchEffect =
  | 'works'
  | 'refused'
  /** 2xx without effect. */
  | 'ignored'
  | 'unsupported'
  /** It works, but removes sibling attributes. */
  | 'removesSiblings'
  /** It creates an attribute that has the path as its name, such as "name.familyName". */
  | 'createsLiteral';

/** The effect of each tested form of PATCH. */
export type PatchEffects = ReadonlyMap<PatchVariantName, PatchEffect>;

const topic = 'PATCH';
const candidatePaths = ['title', 'displayName', 'nickName', 'name.familyName', 'externalId'];

/** Tests every PATCH variant on one canary. @returns the effects; empty if no attribute can be tested */
export async function probePatch(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<PatchEffects> {
  const effects = new Map<PatchVariantName, PatchEffect>();
  const usable = candidatePaths.filter((path) => stored[path] !== undefined);
  const [first] = usable;
  if (first === undefined) {
    session.findings.add(
      undecided(topic, 'a user has no attribute that the probe could update, so the effect of PATCH is not visible'),
    );
    return effects;
  }
  // Some attributes may be immutable: try the next one until an update shows.
  let simplePath = first;
  for (const path of usable) {
    for (const variant of opVariants(path))
      if ((await tryVariant(session, canary, variant, effects)) === 'unsupported') return effects;
    if (!isUsable('always', effects)) continue;
    simplePath = path;
    break;
  }
  const tryAll = async (): Promise<void> => {
    for (const variant of patchVariants(stored, simplePath, opCaseOf(effects)))
      await tryVariant(session, canary, variant, effects);
  };
  await tryAll();
  // The target may support neither paths nor lower-case ops: each test alone then fails.
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
  session.findings.add(finding(topic, `${variant.description}: ${describeEffect(effect, response)}`));
  return effect;
}

const operationCounts = [10, 2];

/** Detects how many operations one PATCH may have, up to 10. */
async function probeOperationCount(
  session: ProbeSession,
  canary: Canary,
  simplePath: string,
  effects: PatchEffects,
): Promise<void> {
  if (pathStyleOf(effects) !== 'always') return;
  for (const count of operationCounts) {
    const last = `operation ${count} of ${count}`;
    const operations = Array.from({ length: count }, (_, index) => ({
      op: 'replace',
      path: simplePath,
      value: `operation ${index + 1} of ${count}`,
    }));
    const { effect, response } = await applyVariant(session, canary, {
      operations: withOpCase(operations, opCaseOf(effects)),
      expected: { [simplePath]: last },
      siblings: [],
    });
    session.findings.add(
      finding(
        topic,
        `${count} operations in one request: ${describeEffect(effect, response)}`,
        effect === 'works' && count < 10 ? { limits: { operationsPerPatch: count } } : undefined,
      ),
    );
    if (effect === 'works') return;
  }
  session.findings.add(finding(topic, 'only one operation in a request works', { limits: { operationsPerPatch: 1 } }));
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
  if (createsLiteralAttribute(first, body)) return { effect: 'createsLiteral', response };
  if (!showsValues(body, variant.expected)) return { effect: 'ignored', response };
  const after = fromScimJson(body, variant.siblings);
  const isWhole = Object.keys(before).every((path) => !isBlank(after[path]));
  return { effect: isWhole ? 'works' : 'removesSiblings', response };
}

/**
 * Whether the target used a path as an attribute name: the resource has a new attribute whose name looks like a path.
 */
export function createsLiteralAttribute(before: unknown, after: unknown): boolean {
  const known = new Set(namesIn(before));
  return namesIn(after).some(
    (name) => !known.has(name) && (/[[\]]/.test(name) || /^[^:]*\./.test(name) || /^urn:.*:User:[a-z]+/i.test(name)),
  );
}

const namesIn = (resource: unknown): readonly string[] =>
  typeof resource === 'object' && resource !== null ? Object.keys(resource) : [];

/** Whether a resource has these values, ignoring case and punctuation. */
export function showsValues(resource: unknown, expected: PatchVariant['expected']): boolean {
  const body = fromScimJson(resource, Object.keys(expected));
  return Object.entries(expected).every(([path, value]) => {
    if (value === null) return isBlank(body[path]);
    return ['equal', 'case', 'punctuation'].includes(compareStored(value, body[path]));
  });
}

function describeEffect(effect: PatchEffect, response: Response): string {
  switch (effect) {
    case 'works':
      return `works (${response.status})`;
    case 'ignored':
      return `answered ${response.status}, without effect`;
    case 'removesSiblings':
      return `answered ${response.status}, but removes sibling attributes`;
    case 'createsLiteral':
      return `answered ${response.status}, but creates an attribute that has the path as its name`;
    case 'refused':
    case 'unsupported':
      return `refused, ${errorSummary(response)}`;
  }
}

/** How many attributes of a user PATCH can update. */
export type PatchCoverage = 'all' | 'some' | 'none';

/** Which form of PATCH the profile uses, and whether it reaches every attribute. */
export function judgePatch(
  effects: PatchEffects,
  announcesPatch: boolean | undefined,
): { readonly coverage: PatchCoverage; readonly findings: readonly Finding[] } {
  if (effects.size === 0) return { coverage: 'none', findings: [] };
  const pathStyle = pathStyleOf(effects);
  if (pathStyle === undefined)
    return {
      coverage: 'none',
      findings: [finding(topic, 'no form of PATCH works', { protocol: { update: 'put' } })],
    };
  const patchOps = opCaseOf(effects);
  const description = {
    always: 'operations have a path',
    nested: 'operations have no path, and a nested object as the value',
    dotted: 'operations have no path, and dotted keys in the value',
  }[pathStyle];
  const uncovered = uncoveredBy(pathStyle, effects);
  const findings = [
    finding(topic, `${description}; op is in ${patchOps} case`, {
      protocol: { patchOps, patchPaths: pathStyle },
    }),
    ...(announcesPatch === false
      ? [
          finding(topic, 'PATCH works, although discovery announces that it does not', {
            protocol: { update: 'patch' },
          }),
        ]
      : []),
    ...judgeValuePaths(pathStyle, effects),
    ...(uncovered.length === 0 ? [] : [finding(topic, `this form does not reach: ${uncovered.join(', ')}`)]),
  ];
  return { coverage: uncovered.length === 0 ? 'all' : 'some', findings };
}

const opCaseOf = (effects: PatchEffects): 'lower' | 'title' =>
  effects.get('lower') !== 'works' && (effects.get('title') === 'works' || effects.get('titleNested') === 'works')
    ? 'title'
    : 'lower';
const isNotWorking = (effects: PatchEffects, name: PatchVariantName): boolean =>
  effects.has(name) && effects.get(name) !== 'works';

type PathStyle = 'always' | 'nested' | 'dotted';

/**
 * The first style that reaches every attribute, otherwise the first one that works.
 * @returns undefined if none works
 */
function pathStyleOf(effects: PatchEffects): PathStyle | undefined {
  const styles = (['always', 'nested', 'dotted'] as const).filter((style) => isUsable(style, effects));
  return styles.find((style) => uncoveredBy(style, effects).length === 0) ?? styles[0];
}

function isUsable(style: PathStyle, effects: PatchEffects): boolean {
  if (style === 'always') return effects.get('lower') === 'works' || effects.get('title') === 'works';
  return effects.get(style) === 'works';
}

/**
 * For each style: the kinds of attributes, and the variants of which at least one must work to reach them. A removal
 * always needs a path.
 */
const coverageOf: Readonly<
  Record<PathStyle, readonly (readonly [attributes: string, variants: readonly PatchVariantName[]])[]>
> = {
  always: [
    ['sub-attributes of name', ['subPath']],
    ['enterprise attributes', ['extensionPath']],
    ['elements of multi-valued attributes', ['valuePath', 'wholeList']],
    ['removals', ['remove']],
  ],
  nested: [
    ['sub-attributes of name', ['nested']],
    ['enterprise attributes', ['nestedExtension']],
    ['elements of multi-valued attributes', ['pathlessList']],
    ['removals', ['remove']],
  ],
  dotted: [
    ['sub-attributes of name', ['dotted']],
    ['enterprise attributes', ['dottedExtension']],
    ['elements of multi-valued attributes', ['dottedValuePath', 'pathlessList']],
    ['removals', ['remove']],
  ],
};

/** The kinds of attributes that a style does not reach. */
function uncoveredBy(style: PathStyle, effects: PatchEffects): readonly string[] {
  return coverageOf[style]
    .filter(([, variants]) => variants.every((variant) => isNotWorking(effects, variant)))
    .map(([attributes]) => attributes);
}

function judgeValuePaths(style: PathStyle, effects: PatchEffects): readonly Finding[] {
  // The nested style always replaces a complete list.
  const replacesWholeList =
    style === 'always'
      ? isNotWorking(effects, 'valuePath')
      : style === 'dotted' && isNotWorking(effects, 'dottedValuePath');
  return replacesWholeList
    ? [
        finding(topic, 'value paths do not work: updates replace the complete list', {
          protocol: { valuePaths: false },
        }),
      ]
    : [];
}
