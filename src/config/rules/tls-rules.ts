import { absolutePath } from '../absolute-path.ts';
import { errorAt, type Diagnostic, type Step } from '../issues.ts';
import { forEachTarget, type ConfigRule } from './config-rule.ts';
import type { PartialConfig } from '../schema/config-schema.ts';

interface PartialTls {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly caFile?: string | undefined;
}

/** A certificate has both files: that of a client, and that of the status page. */
export const clientCertificateIsComplete: ConfigRule = (draft) =>
  forEachTls(draft, (tls, at) => {
    if ('certFile' in tls === 'keyFile' in tls) return [];
    const missingField = 'certFile' in tls ? 'keyFile' : 'certFile';
    return [
      errorAt(
        'config.clientCertificateIncomplete',
        [...at, missingField],
        'is missing: a certificate needs certFile and keyFile',
      ),
    ];
  });

/** The PEM files exist and can be read; their content is checked when a connection needs them. */
export const certificatesAreReadable: ConfigRule = (draft, { readFile, folder, withoutCredentials = false }) =>
  forEachTls(draft, (tls, at) =>
    (['certFile', 'keyFile', 'caFile'] as const).flatMap((name) => {
      const file = tls[name];
      if (file === undefined || withoutCredentials) return [];
      const path = absolutePath(file, folder);
      try {
        readFile(path);
        return [];
      } catch {
        return [
          errorAt(
            'config.fileUnreadable',
            [...at, name],
            `the file ${path} cannot be read; is the name right, and may this user read it?`,
          ),
        ];
      }
    }),
  );

function forEachTls(
  draft: PartialConfig,
  visit: (tls: PartialTls, at: readonly Step[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
  const { source, http, state, notify = [] } = draft;
  const stateTls = typeof state === 'object' ? state.postgres : undefined;
  const sourceTls = source !== undefined && 'tls' in source ? source.tls : undefined;
  return [
    ...(http === undefined ? [] : visit(http, ['http'])),
    ...(stateTls === undefined ? [] : visit(stateTls, ['state', 'postgres'])),
    ...notify.flatMap((channel, index) =>
      channel?.type === 'mail' && channel.tls !== undefined ? visit(channel.tls, ['notify', index, 'tls']) : [],
    ),
    ...(sourceTls === undefined ? [] : visit(sourceTls, ['source', 'tls'])),
    ...forEachTarget(draft, ({ tls }, at) => (tls === undefined ? [] : visit(tls, [...at, 'tls']))),
  ];
}
