import { dirname } from 'node:path';
import { pageConfig } from '../assemble/assemble-page.ts';
import type { IssueCode } from '../../model/error-codes.ts';
import type { Issue } from '../issues.ts';
import type { PageConfig } from '../page-config.ts';
import { JsonSyntaxError, parseJson, type ParsedJson } from '../parse/json.ts';
import { describeZodIssues } from '../parse/zod-messages.ts';
import { errorCodeSuffix } from '../profiles/extends.ts';
import { pageIsProtected } from '../rules/page-rules.ts';
import { certificatesAreReadable, clientCertificateIsComplete } from '../rules/tls-rules.ts';
import type { RuleContext } from '../rules/config-rule.ts';
import { jsonSchema } from '../schema/json-schema.ts';
import { readCredentials } from '../secrets/credentials.ts';
import type { Secret, SecretIo } from '../secrets/secrets.ts';
import { tenantsSchema } from './tenants-schema.ts';

/** What all tenants of a process share. */
export interface TenantsConfig {
  /** Requests to targets in flight, over all tenants. */
  readonly maxRequests: number;
  readonly maxRequestsPerTenant: number;
  /** Passes that read and plan at the same time. */
  readonly maxReadings: number;
  /** How often the folder of the configurations is looked at. */
  readonly lookMs: number;
  readonly page: PageConfig | undefined;
  readonly secrets: readonly Secret[];
  readonly warnings: readonly Issue[];
}

/** Everything that reading the settings takes from outside. */
export type TenantsIo = Omit<SecretIo, 'folder'> & Pick<RuleContext, 'readFile'>;

const rules = [pageIsProtected, clientCertificateIsComplete, certificatesAreReadable] as const;

/**
 * Reads the settings that all tenants share. All mistakes are reported together.
 *
 * @param file absolute; undefined: there is none, so the defaults count
 */
export function loadTenants(
  file: string | undefined,
  io: TenantsIo,
): { readonly config: TenantsConfig } | { readonly issues: readonly Issue[] } {
  const read = file === undefined ? { value: {}, duplicates: [] } : readJson(file, io);
  if ('issues' in read) return read;
  const { value, duplicates } = read;
  const result = tenantsSchema.safeParse(value, { reportInput: true, jitless: true });
  const duplicateIssues = duplicates.map((path) => issueAt(path, 'config.duplicateName', 'occurs twice; keep one'));
  if (!result.success)
    return {
      issues: [
        ...duplicateIssues,
        ...describeZodIssues(result.error.issues, { schema: jsonSchema(tenantsSchema), value }),
      ],
    };
  const { data } = result;
  const folder = file === undefined ? '' : dirname(file);
  const draft = data.http === undefined ? {} : { http: data.http };
  const { secrets, diagnostics } = readCredentials(draft, { ...io, folder });
  const found = [
    ...rules.flatMap((rule) => rule(draft, { ...io, check: noExpressions, file: file ?? '', folder })),
    ...diagnostics,
  ];
  const issues = [...duplicateIssues, ...found.filter(({ level }) => level === 'error')];
  if (issues.length > 0) return { issues };
  const { maxRequests, maxRequestsPerTenant, maxReadings, lookSeconds } = data;
  return {
    config: {
      ...{ maxRequests, maxRequestsPerTenant, maxReadings },
      lookMs: lookSeconds * 1000,
      page: pageConfig({ parsed: data, folder, secrets }).page,
      secrets: [...secrets.values()],
      warnings: found,
    },
  };
}

/** These settings have none. */
const noExpressions: RuleContext['check'] = {
  expression: () => undefined,
  usesGroups: () => false,
  schedule: () => undefined,
};

const issueAt = (path: string, code: IssueCode, message: string): Issue => ({ path, code, message });

function readJson(file: string, { readFile }: TenantsIo): ParsedJson | { readonly issues: readonly Issue[] } {
  const wrong = (code: IssueCode, message: string) => ({ issues: [issueAt('', code, message)] });
  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    return wrong('config.fileUnreadable', `${file} cannot be read${errorCodeSuffix(error)}`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return wrong('config.syntax', `${file} is not valid JSON: ${error.message}`);
    throw error;
  }
}
