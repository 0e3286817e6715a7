// What a process and all that it has started cost, from /proc: CPU time and resident memory, its threads among them.
import { readFileSync } from 'node:fs'

/** /proc counts in hundredths of a second (sysconf, _SC_CLK_TCK), wherever Node runs. */
const MS_PER_JIFFY = 10
const KB_PER_MB = 1_024

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The process and its children's children; a thread may have started one as well. */
function family(pid: number): number[] {
  const own = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...own.flatMap(family)]
}

export const cpuMsOf = (pid: number): number => cpuMs(family(pid))

/** Of what it has started, without itself. */
export const childrenCpuMsOf = (pid: number): number => cpuMs(family(pid).slice(1))

function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, each) => {
    // The name, in brackets, may have spaces.
    const fields = read(`/proc/${each}/stat`).split(') ')[1]?.split(' ') ?? []
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MS_PER_JIFFY
  }, 0)
}

export function rssMbOf(pid: number): number {
  return family(pid).reduce((sum, each) => {
    const kb = /VmRSS:\s+(\d+)/.exec(read(`/proc/${each}/status`))?.[1]
    return sum + Number(kb ?? 0) / KB_PER_MB
  }, 0)
}
