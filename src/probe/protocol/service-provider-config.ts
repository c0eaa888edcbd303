import { parseDiscovery, type Discovery } from '../../scim/read/discovery.ts';
import { decide, describeResult } from '../../scim/judge/judge-response.ts';
import { isRefusal } from '../canaries.ts';
import { finding, undecided } from '../finding.ts';
import type { ProbeSession } from '../session.ts';

const topic = 'discovery';

/** Reads ServiceProviderConfig. It is only a hint: experiments override it. Some targets serve it at a plural path. */
export async function probeServiceProviderConfig(session: ProbeSession): Promise<Discovery | undefined> {
  const standardPath = session.findings.profile().protocol.endpoints.discovery;
  let isMissing = true;
  for (const path of [standardPath, `${standardPath}s`]) {
    const response = await session.send({ method: 'GET', path });
    const discovery = decide(response) === 'accept' ? parseDiscovery(response.body) : undefined;
    if (discovery === undefined) {
      // After an error, it may exist: only a refusal, or a body that is none, decides.
      isMissing &&= decide(response) === 'accept' || isRefusal(response);
      if (path === standardPath)
        session.findings.add(
          finding(
            topic,
            `${path}: ${decide(response) === 'accept' ? 'no valid ServiceProviderConfig' : describeResult(response)}`,
          ),
        );
      continue;
    }
    const { endpoints } = session.findings.profile().protocol;
    session.findings.add(
      finding(
        topic,
        [
          `PATCH ${supportText(discovery.patch)}`,
          `filter ${supportText(discovery.filter)}`,
          `ETag ${supportText(discovery.etag)}`,
          `bulk ${supportText(discovery.bulk?.supported)}`,
        ].join(', '),
        path === standardPath ? undefined : { protocol: { endpoints: { ...endpoints, discovery: path } } },
      ),
    );
    return discovery;
  }
  session.findings.add(
    isMissing
      ? finding(topic, 'no ServiceProviderConfig', { protocol: { discovery: 'off' } })
      : undecided(topic, 'ServiceProviderConfig could not be read'),
  );
  return undefined;
}

const supportText = (value: boolean | undefined): string => (value === undefined ? 'not stated' : value ? 'yes' : 'no');
