import { redactor, type Secret } from '../../config/secrets/secrets.ts';
import { OperatorError } from '../../model/errors.ts';
import { formatTime } from '../../model/time.ts';
import type { TenantFacts } from '../../page/facts/page-facts.ts';
import { realClock } from '../clock.ts';
import type { StatusFlags } from '../commands/status.ts';
import { processConsole } from '../console.ts';
import type { ExitCode } from '../context.ts';
import { readTenantFacts } from '../facts/tenant-facts.ts';
import { plural } from '../print/format.ts';
import { readTenant, type TenantsRun } from './open-tenant.ts';
import { createStateClaims, type StateClaims } from './state-claims.ts';
import { listTenantFiles, type TenantFile } from './tenant-files.ts';

/** `status --configs DIR`: one line for each tenant, and below it what needs a person. */
export async function statusOfTenants(
  { folder, stop }: Pick<TenantsRun, 'folder' | 'stop'>,
  { json, exitCode }: StatusFlags,
): Promise<ExitCode> {
  const secrets: Secret[] = [];
  const console = processConsole(process.env, redactor(secrets));
  const claims = createStateClaims();
  let needsPerson = false;
  for (const file of listTenantFiles(folder)) {
    stop.throwIfAborted();
    const facts = await readTenantFacts(openKnown(file, claims, secrets), realClock.now());
    needsPerson ||= facts.problem !== undefined || facts.urgent.length > 0 || facts.pass === undefined;
    if (json) console.out(JSON.stringify(tenantLine(facts)));
    else for (const line of tenantText(facts)) console.out(line);
  }
  return exitCode && needsPerson ? 1 : 0;
}

function openKnown(
  { name, file }: TenantFile,
  claims: StateClaims,
  secrets: Secret[],
): Parameters<typeof readTenantFacts>[0] {
  try {
    const config = readTenant(file);
    secrets.push(...config.secrets);
    claims.claim(name, config);
    return { name, config, problem: undefined };
  } catch (error) {
    if (error instanceof OperatorError) return { name, config: undefined, problem: error.message };
    throw error;
  }
}

/** A tenant as a line of `--json`. */
const tenantLine = ({ name, problem, targets, pass, urgent }: TenantFacts) => ({
  ...{ type: 'tenant', tenant: name, problem: problem ?? null, targets },
  last: pass === undefined ? null : { started: formatTime(pass.at), result: pass.sentence },
  ...{ needsPerson: problem !== undefined || urgent.length > 0, findings: urgent },
});

function tenantText({ name, problem, isRunning, targets, pass, urgent }: TenantFacts): readonly string[] {
  const last = pass === undefined ? 'no pass has run' : `last pass ${formatTime(pass.at)}, ${pass.sentence}`;
  const first = isRunning ? `${name}: ${plural(targets, 'target')}, ${last}` : `${name}: not usable`;
  return [
    first,
    ...[...(problem === undefined ? [] : [problem]), ...urgent].flatMap((text) =>
      text.split('\n').map((line) => `  ${line}`),
    ),
  ];
}
