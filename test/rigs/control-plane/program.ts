import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'

/** The programs that tests run, by the names they have in every distribution; a control plane needs these. */
export const REQUIRED_PROGRAMS = ['etcd', 'kube-apiserver', 'kubectl'] as const
export type Program =
  | (typeof REQUIRED_PROGRAMS)[number]
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kwok'
  | 'helm'
  | 'promtool'
  | 'prometheus'

/** What one place had to say: a folder that holds every program asked for, or why there is none. */
export type ProgramPlace = { folder: string } | { refusal: string }

/** Those of `programs` that `folder` holds no executable file of. */
export async function missingPrograms(folder: string, programs: readonly Program[]): Promise<Program[]> {
  const present = await Promise.all(programs.map((program) => isExecutable(join(folder, program))))
  return programs.filter((_, index) => present[index] === false)
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
