// Preloaded into a measured process: reports its resource usage at exit.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    process.env.BENCH_USAGE,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: (ownPeakKb() ?? maxRSS) / 1024 }),
  );
});

/** In kB. maxRSS starts with the value of the parent process; Linux also reports the peak of this process alone. */
function ownPeakKb() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
