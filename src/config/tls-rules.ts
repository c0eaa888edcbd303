import { absolute } from './folder.ts';
import { failure, type Finding, type Step } from './issues.ts';
import { eachTarget, ldapOf, type Rule } from './rule.ts';
import type { Draft } from './schema.ts';

interface TlsDraft {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly caFile?: string | undefined;
}

export const clientCertificateIsWhole: Rule = (draft) =>
  eachTls(draft, (tls, at) => {
    if ('certFile' in tls === 'keyFile' in tls) return [];
    const absent = 'certFile' in tls ? 'keyFile' : 'certFile';
    return [failure([...at, absent], 'is missing: a client certificate needs certFile and keyFile')];
  });

export const certificatesAreReadable: Rule = (draft, { readFile, folder }) =>
  eachTls(draft, (tls, at) =>
    (['certFile', 'keyFile', 'caFile'] as const).flatMap((name) => {
      const file = tls[name];
      if (file === undefined) return [];
      const path = absolute(file, folder);
      try {
        readFile(path);
        return [];
      } catch {
        return [
          failure([...at, name], `the file ${path} cannot be read; is the name right, and may this user read it?`),
        ];
      }
    }),
  );

function eachTls(draft: Draft, look: (tls: TlsDraft, at: readonly Step[]) => readonly Finding[]): readonly Finding[] {
  const ofSource = ldapOf(draft)?.tls;
  return [
    ...(ofSource === undefined ? [] : look(ofSource, ['source', 'tls'])),
    ...eachTarget(draft, ({ tls }, at) => (tls === undefined ? [] : look(tls, [...at, 'tls']))),
  ];
}
