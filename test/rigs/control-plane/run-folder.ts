import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardRunFolder } from './run-folder-guard.ts'
import { commandLineOf, isAlive, killNow } from './process-table.ts'

const PREFIX = 'twilio-sink-operator-control-plane-'
const OWNER = 'owner.pid'
const CHILDREN = 'children.pid'
/** A folder without an owner's file is either just being made or broken. */
const NEWBORN_MS = 60_000
const DYING_MS = 2_000

/**
 * A folder under the system's temporary folder for one control plane, with what its guard, or else a
 * later run, needs to clean up after an owner that was killed: its id and those of its children.
 */
export type RunFolder = {
  path: string
  /** Notes a child, whose command line must name this folder, so that it dies with the folder. */
  adopt(pid: number): void
  /** Kills what is left of the children and removes the folder, at once. */
  remove(): void
}

export function createRunFolder(): RunFolder {
  removeAbandonedFolders()
  const path = mkdtempSync(join(tmpdir(), PREFIX))
  writeFileSync(join(path, OWNER), `${process.pid}\n`)
  writeFileSync(join(path, CHILDREN), '')
  const dismissGuard = guardRunFolder(path, CHILDREN)
  const remove = (): void => {
    removeFolder(path)
    stopWatching()
    dismissGuard()
  }
  const stopWatching = onEndOfProcess(() => removeFolder(path))
  return { path, adopt: (pid) => adoptInto(path, pid), remove }
}

/** `adopt` for those who know only the path of the folder, such as other processes. */
export function adoptInto(path: string, pid: number): void {
  appendFileSync(join(path, CHILDREN), `${pid}\n`)
}

/** Ends the children and removes the folders of owners that died without doing so. */
export function removeAbandonedFolders(): void {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX))
  for (const name of names) {
    const path = join(tmpdir(), name)
    if (isAbandoned(path)) removeFolder(path)
  }
}

function isAbandoned(path: string): boolean {
  const [owner] = pidsIn(join(path, OWNER))
  if (owner !== undefined) return !isAlive(owner)
  const born = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return born !== undefined && Date.now() - born > NEWBORN_MS
}

function removeFolder(path: string): void {
  // The id may belong to another process by now: ours name the folder in their arguments.
  const isOurs = (pid: number): boolean => commandLineOf(pid).includes(path)
  const children = pidsIn(join(path, CHILDREN)).filter(isOurs)
  children.forEach(killNow)
  // A dying process may still write into the folder. Synchronous, as nothing else works at exit.
  const deadline = performance.now() + DYING_MS
  while (children.some(isOurs) && performance.now() < deadline) pause(5)
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function pidsIn(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Runs `clean` when this process exits or is ended by a signal that nobody else here handles. */
function onEndOfProcess(clean: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (signal: NodeJS.Signals): void => {
    // Another listener decides when the process ends; cleaning then happens at its exit.
    if (process.listenerCount(signal) > 1) return
    clean()
    stop()
    process.kill(process.pid, signal)
  }
  const stop = (): void => {
    process.off('exit', clean)
    for (const signal of signals) process.off(signal, onSignal)
  }
  process.on('exit', clean)
  for (const signal of signals) process.on(signal, onSignal)
  return stop
}
