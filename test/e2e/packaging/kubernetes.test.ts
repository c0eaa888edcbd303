import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { programPath } from '../../world/directory/servers/installed.ts';
import { createFixture } from '../../world/fixture.ts';
import { root } from './installed-package.ts';
import { renderChart } from './render-chart.ts';

jest.setTimeout(60_000);

const manifests = join(root, 'config', 'deploy', 'kubernetes');
const chart = join(root, 'config', 'deploy', 'helm');

type Yaml = Record<string, any>;

const readYaml = (...path: readonly string[]): Yaml => parse(readFileSync(join(...path), 'utf8')) as Yaml;
const values = readYaml(chart, 'values.yaml');
const rendered = (changes: Yaml = {}): ReadonlyMap<string, Yaml> =>
  new Map(
    [...renderChart(chart, { ...values, ...changes })].map(([name, text]) => [name, parse(text) as Yaml] as const),
  );
const rendering = new Map([...rendered(), ...rendered({ mode: 'cron' })]);

/** The specification of the pod of a Deployment or CronJob. */
const podOf = ({ spec }: Yaml): Yaml => (spec.jobTemplate?.spec ?? spec).template.spec;

const workloads = ['deployment.yaml', 'cronjob.yaml'];
const both: readonly [string, Yaml][] = workloads.flatMap((name): [string, Yaml][] => [
  [`kubernetes/${name}`, readYaml(manifests, name)],
  [`helm/templates/${name}`, rendering.get(name) ?? {}],
]);

describe.each(both)('%s', (_, workload) => {
  const pod = podOf(workload);
  const [container] = pod.containers as [Yaml];

  test('starts no process as root, and none that can write outside of its volumes', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
    expect(pod.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources.limits.memory).toBeDefined();
  });

  test('mounts each volume, and shows secrets only to the user of the process', () => {
    const mounted = (container.volumeMounts as Yaml[]).map(({ name }) => name as string);
    expect((pod.volumes as Yaml[]).map(({ name }) => name as string).sort()).toEqual(mounted.sort());
    const secrets = (pod.volumes as Yaml[]).find(({ name }) => name === 'secrets');
    expect(secrets?.secret.defaultMode).toBe(0o440);
    const writable = (container.volumeMounts as Yaml[]).filter(({ readOnly }) => readOnly !== true);
    expect(writable.map(({ mountPath }) => mountPath as string)).toEqual(['/var/lib/scimsync', '/tmp']);
  });

  test('lets one process at a time work on the state', () => {
    if (workload.kind === 'CronJob') expect(workload.spec.concurrencyPolicy).toBe('Forbid');
    else expect(workload.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });
});

test('the selector of the Deployment finds its pods, in the manifests and in the chart', () => {
  for (const { spec } of both.map(([, workload]) => workload).filter(({ kind }) => kind === 'Deployment'))
    expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
});

test('the probes of the daemon succeed where its page answers, and fail elsewhere', () => {
  const [container] = podOf(readYaml(manifests, 'deployment.yaml')).containers as [Yaml];
  for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const [file, flag, code] = container[name].exec.command as [string, string, string];
    expect([file, flag]).toEqual(['node', '-e']);
    const withAnswer = (ok: boolean): string => `globalThis.fetch = async () => ({ ok: ${ok} }); ${code}`;
    expect(() => execFileSync(process.execPath, ['-e', withAnswer(true)])).not.toThrow();
    expect(() => execFileSync(process.execPath, ['-e', withAnswer(false)], { stdio: 'ignore' })).toThrow();
  }
});

test('the chart and the manifests run the same pods with the same configuration', () => {
  for (const name of workloads) {
    const plain = (workload: Yaml): Yaml => {
      const { containers, volumes, ...pod } = podOf(workload);
      const [{ imagePullPolicy, ...container }] = containers as [Yaml];
      return { pod, container, volumes: (volumes as Yaml[]).map((volume) => volume.name as string) };
    };
    expect(plain(rendering.get(name) ?? {})).toEqual(plain(readYaml(manifests, name)));
  }
  const configurationOf = ({ data }: Yaml): unknown => JSON.parse(data['sync.config.json'] as string);
  expect(configurationOf(rendering.get('configmap.yaml') ?? {})).toEqual(
    configurationOf(readYaml(manifests, 'configmap.yaml')),
  );
});

test('the chart has one workload, by its mode, and its schema knows each value', () => {
  expect(workloads.filter((name) => rendered().has(name))).toEqual(['deployment.yaml']);
  expect(workloads.filter((name) => rendered({ mode: 'cron' }).has(name))).toEqual(['cronjob.yaml']);
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as Yaml;
  expect(Object.keys(values).sort()).toEqual([...(schema.required as string[])].sort());
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Yaml;
  expect(readYaml(chart, 'Chart.yaml')).toMatchObject({ version, appVersion: version });
  expect(values.image.tag).toBe(version);
});

test('the configuration of the manifests is valid, and each of its secrets exists', async () => {
  await using fixture = await createFixture();
  const text = readYaml(manifests, 'configmap.yaml').data['sync.config.json'] as string;
  const files = [...text.matchAll(/"\/run\/secrets\/scimsync\/([^"]+)"/g)].map(([, name]) => name ?? '');
  expect(Object.keys(readYaml(manifests, 'secret.yaml').stringData as Yaml).sort()).toEqual(files.sort());
  mkdirSync(fixture.cli.path('secrets'), { mode: 0o700 });
  for (const name of files) writeFileSync(fixture.cli.path(`secrets/${name}`), 'secret\n', { mode: 0o600 });
  const local = text
    .replaceAll('/run/secrets/scimsync', fixture.cli.path('secrets'))
    .replaceAll('/var/lib/scimsync', fixture.cli.folder);
  writeFileSync(fixture.cli.path('sync.config.json'), local);
  const run = await fixture.cli.run('status');
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
});

const withProgram = (name: string) => (programPath(name) === undefined ? test.skip : test);

withProgram('kubectl')('kubectl assembles the manifests', () => {
  const output = execFileSync('kubectl', ['kustomize', manifests], { encoding: 'utf8' });
  const listed = readYaml(manifests, 'kustomization.yaml').resources as string[];
  expect(output.split(/^---$/m)).toHaveLength(listed.length);
  expect(readdirSync(manifests).sort()).toEqual([...listed, 'cronjob.yaml', 'kustomization.yaml'].sort());
});

withProgram('helm')('helm finds no mistake in the chart, and refuses unknown values', () => {
  execFileSync('helm', ['lint', '--strict', chart]);
  const template = (...args: readonly string[]): string =>
    execFileSync('helm', ['template', 'demo', chart, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  for (const mode of ['daemon', 'cron']) {
    const documents = template('--set', `mode=${mode}`).split(/^---$/m).slice(1);
    const kinds = new Map(documents.map((text) => parse(text) as Yaml).map((document) => [document.kind, document]));
    expect(kinds).toEqual(new Map([...rendered({ mode }).values()].map((document) => [document.kind, document])));
  }
  expect(() => template('--set', 'mode=never')).toThrow();
});
