import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './process-table.ts'
import type { Say } from './progress.ts'

/** Longer than any build takes: an older lock belongs to a process id that was given to somebody else. */
const LOCK_LIFE_MS = 60 * 60_000
const SAY_EVERY_MS = 10_000

/**
 * Runs `work` while no other process does so for the same folder. The lock of a dead process is taken over.
 * Two processes that take over at the same instant may both run: builders must put their results in place by
 * rename, so that this costs time and nothing else.
 */
export async function withBuildLock<T>(folder: string, say: Say, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true })
  const lock = join(folder, 'build.lock')
  await acquire(lock, say)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function acquire(lock: string, say: Say): Promise<void> {
  let lastSaid = -Infinity
  while (!(await tryToCreate(lock))) {
    const holder = await holderOf(lock)
    if (holder === undefined) {
      await rename(lock, `${lock}.${process.pid}.tmp`).catch(() => undefined)
      continue
    }
    if (performance.now() - lastSaid > SAY_EVERY_MS) {
      say(`waiting for process ${holder}, which is fetching or building the same programs`)
      lastSaid = performance.now()
    }
    await sleep(250)
  }
}

async function tryToCreate(lock: string): Promise<boolean> {
  return writeFile(lock, `${process.pid}\n`, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}

/** The process that holds the lock, or undefined when the lock is stale or gone. */
async function holderOf(lock: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(lock, 'utf8')).trim())
    const age = Date.now() - (await stat(lock)).mtimeMs
    // An empty file is a lock whose holder has not written its id yet.
    if (pid === 0) return age < 5_000 ? pid : undefined
    return isAlive(pid) && age < LOCK_LIFE_MS ? pid : undefined
  } catch {
    return undefined
  }
}
