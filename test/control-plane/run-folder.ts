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
import { commandLineOf, isAlive, killNow } from './process-table.ts'

const PREFIX = 'twilio-sink-operator-control-plane-'
const OWNER = 'owner.pid'
const CHILDREN = 'children.pid'
/** A folder without an owner's file is either just being made or broken. */
const NEWBORN_MS = 60_000

/**
 * A folder under the system's temporary folder for one control plane, with what a later run needs to clean up
 * after a process that was killed: the id of its owner and those of its children.
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
  const remove = (): void => {
    removeFolder(path)
    stopWatching()
  }
  const stopWatching = onEndOfProcess(() => removeFolder(path))
  return { path, adopt: (pid) => appendFileSync(join(path, CHILDREN), `${pid}\n`), remove }
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
  const children = pidsIn(join(path, CHILDREN))
  // The id may belong to another process by now: ours name the folder in their arguments.
  for (const pid of children) if (commandLineOf(pid).includes(path)) killNow(pid)
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
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
    // Whoever else listens decides when the process ends; cleaning then happens at its exit.
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
