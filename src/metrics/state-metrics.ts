import { Gauge, Registry } from 'prom-client';
import { needsPerson } from '../page/facts/finding.ts';
import type { Overview, TargetFacts } from '../page/facts/page-facts.ts';

/** What the state shows now, in the text format of Prometheus. */
export function stateMetrics(overview: Overview | undefined, version: string): Promise<string> {
  const registry = new Registry();
  const gauges = createGauges(registry, []);
  addVersion(gauges, version);
  if (overview !== undefined) addOverview(gauges({}), overview);
  return registry.metrics();
}

/** The state of one of many tenants. */
export interface TenantStateFacts {
  readonly tenant: string;
  /** Whether its daemon runs. */
  readonly isRunning: boolean;
  /** Undefined: there is no state, or it cannot be read. */
  readonly overview: Overview | undefined;
}

/** What the states of all tenants show now, each with the name of its tenant as a label. */
export function tenantStateMetrics(tenants: readonly TenantStateFacts[], version: string): Promise<string> {
  const registry = new Registry();
  const gauges = createGauges(registry, ['tenant']);
  addVersion(createGauges(registry, []), version);
  for (const { tenant, isRunning, overview } of tenants) {
    const gauge = gauges({ tenant });
    gauge('scimsync_tenant_running', 'Whether the daemon of the tenant runs.').set({}, Number(isRunning));
    if (overview !== undefined) addOverview(gauge, overview);
  }
  return registry.metrics();
}

type GaugeOf = (
  name: string,
  help: string,
  labelNames?: readonly string[],
) => { set(labels: Readonly<Record<string, string>>, value: number): void };

/** Gauges, each created once. @returns those with given values of the common labels */
function createGauges(
  registry: Registry,
  common: readonly string[],
): (own: Readonly<Record<string, string>>) => GaugeOf {
  const known = new Map<string, Gauge>();
  return (own) =>
    (name, help, labelNames = []) => {
      const gauge =
        known.get(name) ?? new Gauge({ name, help, labelNames: [...common, ...labelNames], registers: [registry] });
      known.set(name, gauge);
      return { set: (labels, value) => gauge.set({ ...own, ...labels }, value) };
    };
}

const addVersion = (gauges: ReturnType<typeof createGauges>, version: string): void =>
  gauges({})('scimsync_build_info', 'The version, as a label.', ['version']).set({ version }, 1);

function addOverview(gauge: GaugeOf, { source, targets, findings, pass, stateBytes }: Overview): void {
  gauge('scimsync_state_bytes', 'Size of the state file.').set({}, stateBytes);
  const urgentAnywhere = [findings, ...targets.map((target) => target.findings)].some((some) => some.some(needsPerson));
  gauge('scimsync_needs_person', 'Whether anything needs a person: 1, as "status --exit-code".').set(
    {},
    Number(urgentAnywhere),
  );
  gauge('scimsync_source_needs_person', 'Whether the source needs a person.').set(
    {},
    Number(findings.some(needsPerson)),
  );
  if (pass !== undefined)
    gauge('scimsync_last_pass_timestamp_seconds', 'When the last pass began.').set({}, pass.at / 1000);
  if (source !== undefined) {
    const records = gauge('scimsync_source_records', 'What the source holds, as last read.', ['type']);
    records.set({ type: 'user' }, source.users);
    records.set({ type: 'group' }, source.groups);
    records.set({ type: 'membership' }, source.memberships);
    gauge('scimsync_source_read_timestamp_seconds', 'When the last reading with a change was read.').set(
      {},
      source.readAt / 1000,
    );
  }
  addTargets(targets, (name, help, labels = []) => gauge(name, help, ['target', ...labels]));
}

/** Gauges with one number for each target. */
const perTarget: readonly (readonly [
  name: string,
  help: string,
  value: (target: TargetFacts) => number | undefined,
])[] = [
  ['groups', 'Groups that the target holds.', ({ groups }) => groups],
  ['memberships', 'Memberships that the target holds.', ({ memberships }) => memberships],
  ['due', 'Records and memberships that wait: failed, held or for a later try.', ({ due }) => due],
  ['held_operations', 'Operations that wait for an approval.', ({ held }) => held],
  ['failing', 'Users and groups that fail, at most 60.', ({ findings }) => countOf(findings, 'failing')],
  ['behind_readings', 'Readings since the target was last compared.', ({ behind }) => behind],
  ['needs_person', 'Whether the target needs a person.', ({ findings }) => Number(findings.some(needsPerson))],
  ['paused', 'Whether an operator set the target aside.', ({ condition }) => Number(condition === 'paused')],
  ['reachable', 'Whether the last pass reached the target.', ({ condition }) => Number(!isUnreached(condition))],
  [
    'in_step_timestamp_seconds',
    'The end of the last pass that left nothing undone.',
    ({ inStepAt }) => (inStepAt === undefined ? undefined : inStepAt / 1000),
  ],
];

function addTargets(targets: readonly TargetFacts[], gauge: GaugeOf): void {
  const users = gauge('scimsync_target_users', 'Accounts of users that the target holds.', ['active']);
  for (const { name, users: known } of targets) {
    users.set({ target: name, active: 'true' }, known.active);
    users.set({ target: name, active: 'false' }, known.inactive);
  }
  for (const [name, help, valueOf] of perTarget) {
    const metric = gauge(`scimsync_target_${name}`, help);
    for (const target of targets) {
      const value = valueOf(target);
      if (value !== undefined) metric.set({ target: target.name }, value);
    }
  }
}

const countOf = (findings: TargetFacts['findings'], wanted: string): number =>
  findings.filter(({ kind }) => kind === wanted).length;

const isUnreached = (condition: TargetFacts['condition']): boolean =>
  condition === 'quarantined' || condition === 'unreached';
