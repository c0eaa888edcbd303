// Preloaded into a measured process: reports its resource usage at exit.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    process.env.BENCH_USAGE,
    JSON.stringify({
      cpuMs: (userCPUTime + systemCPUTime) / 1000,
      // maxRSS starts with the value of the parent process; Linux also reports the peak of this process alone.
      peakMb: (numberIn('/proc/self/status', /^VmHWM:\s+(\d+) kB$/m) ?? maxRSS) / 1024,
      // All bytes of files and sockets, from the cache of the system or not.
      readMb: (numberIn('/proc/self/io', /^rchar: (\d+)$/m) ?? NaN) / 1e6,
      writtenMb: (numberIn('/proc/self/io', /^wchar: (\d+)$/m) ?? NaN) / 1e6,
    }),
  );
});

function numberIn(file, pattern) {
  try {
    return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
