import { join } from 'node:path'
import { findPrograms, type BinariesOptions } from './binaries.ts'
import type { Program } from './program.ts'
import type { RunFolder } from './run-folder.ts'
import { supervisedProgram, type SupervisedProgram } from './supervised-program.ts'

export type ApiClientOptions = {
  run: RunFolder
  logDir: string
  kubeconfigPath: string
  binaries: BinariesOptions | undefined
}

/** Finds or builds a program that talks to nobody but the API server, and starts it; its work begins later. */
export async function startApiClient(
  program: Program,
  flags: (kubeconfigPath: string) => string[],
  { run, logDir, kubeconfigPath, binaries }: ApiClientOptions,
): Promise<SupervisedProgram> {
  const client = supervisedProgram({
    path: join(await findPrograms([program], binaries), program),
    args: () => flags(kubeconfigPath),
    logPath: join(logDir, `${program}.log`),
    isReady: () => Promise.resolve(true),
    run,
  })
  await client.start()
  return client
}
