import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'

/** Whether a process of this id exists; one of another user counts. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Arguments of a running process separated by spaces; empty when there is none or it is already dead. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** Sends SIGKILL without waiting. A process that is already gone is no error. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone already
  }
}

/**
 * The processes of a group, each with the processor time it has had, or that it runs or waits for a processor: while
 * nothing of that changes, the group waits for somebody else. Empty where there is no `/proc`.
 */
export function processorTicksOf(group: number): string {
  return globSync('/proc/[0-9]*/stat')
    .flatMap((path) => {
      // The name stands in brackets and may hold anything.
      const [state, , pgrp, ...rest] = readIfThere(path).split(') ').at(-1)?.split(' ') ?? []
      const [user, system] = [rest[8], rest[9]]
      if (pgrp !== String(group)) return []
      return [state === 'R' ? `running at ${performance.now()}` : `${path} ${String(user)} ${String(system)}`]
    })
    .join('\n')
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
