import { requirePlayable, type SandboxFlags } from '../commands/sandbox.ts';
import { selectTarget } from '../commands/select-target.ts';
import type { Context, ExitCode } from '../context.ts';
import { openDouble } from './open-double.ts';
import { copiedText, notPlayed } from './rehearsal-text.ts';
import { serveUntilStopped } from './serve-until-stopped.ts';
import { withStateCopy } from './state-copy.ts';

/** `sandbox --from TARGET`: a sandbox with a copy of what a target holds, until SIGTERM. */
export async function sandboxFromCommand(context: Context, name: string, flags: SandboxFlags): Promise<ExitCode> {
  const { config, console } = context;
  const target = selectTarget(config, name);
  requirePlayable(flags.misbehave);
  const { port, token, latency: latencyMs, requestsPerSecond, misbehave: misbehaviours } = flags;
  const options = {
    ...{ isPaced: true, port, latencyMs, misbehaviours },
    ...(token === undefined ? {} : { token }),
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
  };
  const double = await withStateCopy(context, async (_, store) => openDouble(context, store, target, options));
  for (const line of copiedText(target, double.copied)) console.out(line);
  for (const one of notPlayed(target, double.copied, true)) console.out(`  not played: ${one}`);
  try {
    await serveUntilStopped(context, [double], false);
  } finally {
    await double.sandbox.close();
  }
  return 0;
}
