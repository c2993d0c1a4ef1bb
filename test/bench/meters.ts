import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Linux tells processor time in hundredths of a second, whatever its clock runs at. */
const TICKS_PER_SECOND = 100
const KIBIBYTES_PER_MEBIBYTE = 1024

/** Processor time of the whole machine since it started, seconds of one processor. */
export interface MachineTime {
  /** Of programs, and what a host took away. Interrupts belong to nobody. */
  readonly used: number
  /** Used or not. */
  readonly all: number
}

/** @param stat the text of `/proc/stat` */
export function readMachineTime(stat: string): MachineTime {
  const line = /^cpu +(?<ticks>[\d ]+)$/mu.exec(stat)?.groups?.['ticks'] ?? ''
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(' ')
    .map(Number)
  const used = user + nice + system + steal
  return { used: used / TICKS_PER_SECOND, all: (used + idle + wait + irq + softirq) / TICKS_PER_SECOND }
}

/** @param stat the text of `/proc/<pid>/stat`; with the children that have ended and were waited for */
export function readProcessTime(stat: string): number {
  // The name stands in brackets and may hold anything.
  const fields = stat.split(') ').at(-1)?.split(' ') ?? []
  const ticks = fields.slice(11, 15).map(Number)
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND
}

/** @param status the text of `/proc/<pid>/status` */
export const readResident = (status: string): number =>
  Number(/^VmRSS:\s+(?<size>\d+) kB$/mu.exec(status)?.groups?.['size'] ?? 0) / KIBIBYTES_PER_MEBIBYTE

/** Throws where there is no `/proc`. */
export const machineTime = (): MachineTime => readMachineTime(readFileSync('/proc/stat', 'utf8'))

/** 0 of a process that is not there. */
export const processTime = (pid: number): number => readProcessTime(ofProcess(pid, 'stat'))
export const residentOf = (pid: number): number => readResident(ofProcess(pid, 'status'))

function ofProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** What all processors did for others than `own`, as a share, since the function was made. */
export function foreignShare(own: () => readonly number[]): () => number {
  const ownTime = (): number => own().reduce((sum, pid) => sum + processTime(pid), 0)
  const before = { machine: machineTime(), own: ownTime() }
  return () => {
    const machine = machineTime()
    const foreign = machine.used - before.machine.used - (ownTime() - before.own)
    return Math.max(0, foreign) / Math.max(1 / TICKS_PER_SECOND, machine.all - before.machine.all)
  }
}

/** What others do while this process waits. */
export async function foreignShareFor(ms: number): Promise<number> {
  const share = foreignShare(() => [process.pid])
  await sleep(ms)
  return share()
}
