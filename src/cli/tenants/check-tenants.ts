import { createFairPlaces } from '../../daemon/tenants/fair-places.ts';
import { OperatorError } from '../../model/errors.ts';
import { checkCommand } from '../commands/check.ts';
import { processConsole, type Console } from '../console.ts';
import type { ExitCode } from '../context.ts';
import { checkReport } from '../print/check-report.ts';
import { runCommand } from '../program/open-context.ts';
import { openTenant, type TenantsRun } from './open-tenant.ts';
import { readSettings } from './read-settings.ts';
import { createStateClaims, type StateClaims } from './state-claims.ts';
import { listTenantFiles, type TenantFile } from './tenant-files.ts';

/** How many tenants are checked at the same time. */
const atOnce = 8;

/** What the check of one tenant printed, and its exit code. */
interface Checked {
  readonly code: ExitCode;
  /** Each prints one line. */
  readonly lines: readonly (() => void)[];
}

/**
 * `check --configs DIR`: checks each tenant, some at the same time, and prints the results in the order of their names.
 * One that fails does not end the others.
 */
export async function checkTenants(run: TenantsRun, { json }: { readonly json: boolean }): Promise<ExitCode> {
  // Its mistakes keep the daemon from starting.
  readSettings(run.folder);
  const places = createFairPlaces(atOnce, atOnce);
  const claims = createStateClaims();
  const linesOf = (tenant: string) => (text: string) =>
    json
      ? [JSON.stringify({ tenant, ...(JSON.parse(text) as object) })]
      : text.split('\n').map((line) => `[${tenant}] ${line}`);
  const checks = listTenantFiles(run.folder).map(async (file) => {
    const free = await places.take(file.name, run.stop);
    return checkTenant(run, file, claims, { json, linesOf: linesOf(file.name) }).finally(free);
  });
  // One that rejects while another is waited for is reported below.
  void Promise.allSettled(checks);
  const codes = new Set<ExitCode>();
  for (const check of checks) {
    const { code, lines } = await check;
    codes.add(code);
    for (const print of lines) print();
  }
  return ([4, 1, 3] as const).find((code) => codes.has(code)) ?? 0;
}

async function checkTenant(
  run: TenantsRun,
  file: TenantFile,
  claims: StateClaims,
  { json, linesOf }: { readonly json: boolean; readonly linesOf: (text: string) => readonly string[] },
): Promise<Checked> {
  const lines: (() => void)[] = [];
  // The console of the tenant hides its secrets.
  const buffered = (console: Console): Console => ({
    ...console,
    out: (text) => void lines.push(...linesOf(text).map((line) => () => console.out(line))),
    err: (line) => void lines.push(() => console.err(`[${file.name}] ${line}`)),
    isInteractive: false,
  });
  try {
    const context = await openTenant(file, run, buffered);
    claims.claim(file.name, context.config);
    return { code: await runCommand(context, (opened) => checkCommand(opened, { json })), lines };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    // Without a configuration, no secret is known.
    const report = checkReport(buffered(processConsole(process.env, (text) => text)), json);
    report.problem('error', 'configuration', error.message, error.code);
    report.end(false);
    return { code: error.exitCode, lines };
  }
}
