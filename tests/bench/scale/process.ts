// What a process and all that it has started cost, from /proc: CPU time and resident memory, its threads among them.
import { readdirSync, readFileSync } from 'node:fs'

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

/** The process and its children's children; each thread has those that it has started itself. */
function family(pid: number): number[] {
  const own = threadsOf(pid).flatMap(thread => read(`/proc/${pid}/task/${thread}/children`).split(' '))
  return [pid, ...own.filter(Boolean).map(Number).flatMap(family)]
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

export const cpuMsOf = (pid: number): number =>
  family(pid).reduce((sum, each) => {
    // The name, in brackets, may have spaces.
    const fields = read(`/proc/${each}/stat`).split(') ')[1]?.split(' ') ?? []
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MS_PER_JIFFY
  }, 0)

export function rssMbOf(pid: number): number {
  return family(pid).reduce((sum, each) => {
    const kb = /VmRSS:\s+(\d+)/.exec(read(`/proc/${each}/status`))?.[1]
    return sum + Number(kb ?? 0) / KB_PER_MB
  }, 0)
}
