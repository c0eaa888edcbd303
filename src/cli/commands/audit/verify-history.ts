import type { ChainReport } from '../../../store/chain/chain-interface.ts';
import { openView, type Context, type ExitCode } from '../../context.ts';
import { plural } from '../../print/format.ts';

/** `history --verify`: compares the journal with its chain of hashes. @returns 1 if they contradict each other */
export async function verifyHistory({ config, console }: Context, json: boolean): Promise<ExitCode> {
  const view = openView(config);
  try {
    const report = view?.audit.verifyChain();
    if (json) console.out(JSON.stringify({ type: 'chain', ...report, head: report?.head ?? null }));
    else chainText(report).forEach((line) => console.out(line));
    return report === undefined || report.findings.length === 0 ? 0 : 1;
  } finally {
    view?.close();
  }
}

function chainText(report: ChainReport | undefined): readonly string[] {
  if (report === undefined || (report.head === undefined && report.findings.length === 0))
    return ['There is no chain yet: the first pass begins it.'];
  const { head, operations, passes, cut, waiting, findings } = report;
  const passesText = (count: number): string => plural(count, 'pass', 'passes');
  return [
    ...findings.map((finding) => `FOUND: ${finding}`),
    `${plural(operations, 'operation')} of ${passesText(passes)} are in the chain.`,
    ...(cut > 0 ? [`The retention removed passes up to ${cut}; the chain continues from there.`] : []),
    ...(waiting > 0 ? [`${passesText(waiting)} will be added by the end of the next pass.`] : []),
    head === undefined ? 'The chain has no entries.' : `Head: entry ${head.seq}, ${head.hash}`,
    findings.length === 0 ? 'The journal agrees with its chain.' : 'The journal was changed.',
  ];
}
