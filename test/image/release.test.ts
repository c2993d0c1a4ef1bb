import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

/** The dry run as a maintainer starts it, on stand-ins, so that nothing but this machine is asked. */

/** What each step starts besides what the tests of the image need anyway. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  registry: ['crane'],
  'key pair': ['cosign'],
  image: ['crane'],
  chart: ['crane'],
  SBOM: ['crane', 'syft'],
  'signature of the image': ['crane', 'cosign'],
  'attestation of the SBOM': ['crane', 'syft', 'cosign'],
  'signature of the chart': ['crane', 'cosign'],
  verification: ['crane', 'syft', 'cosign'],
  installation: ['crane'],
}
/** Only GitHub makes them. */
const NEVER = ['provenance', 'GitHub release']

const tell = (program: string, ...args: readonly string[]): Promise<{ code: unknown; said: string }> =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: 280_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, said: `${stdout}${stderr}` }),
    )
  })
const isHere = async (program: string): Promise<boolean> => (await tell('which', program)).code === 0

let here: ReadonlySet<string>
let code: unknown
let said: string
const ends = new Map<string, { readonly end: string; readonly words: string }>()

beforeAll(async () => {
  const programs = ['crane', 'syft', 'cosign']
  const present = await Promise.all(programs.map(isHere))
  here = new Set(programs.filter((_, index) => present[index]))
  const answer = await tell(process.execPath, 'tools/release/main.ts', '--dry-run', '--stand-ins')
  code = answer.code
  said = answer.said
  for (const { groups } of said.matchAll(
    /^(?<end>done|left out|failed) +(?<name>\S+(?: \S+)*?) {2,}(?:[\d.]+ s +)?(?<words>.*)$/gmu,
  ))
    ends.set(groups!['name']!, { end: groups!['end']!, words: groups!['words']! })
  console.log(said)
})

const canRun = (step: string): boolean => (STEPS[step] ?? []).every((program) => here.has(program))

test('each step ends: it is done, or left out by name, and none fails', () => {
  expect(code, said).toBe(0)
  expect([...ends.keys()].sort()).toEqual([...Object.keys(STEPS), ...NEVER].sort())
  for (const name of NEVER) expect(ends.get(name)?.end).toBe('left out')
})

test.each(Object.keys(STEPS))('%s is done if and only if its programs are here', (step) => {
  expect(ends.get(step)?.end, said).toBe(canRun(step) ? 'done' : 'left out')
})

const Sbom = z.object({ components: z.array(z.looseObject({ name: z.string() })) })

describe('what is made', () => {
  test('the notes are what CHANGELOG.md says', () => {
    const notes = readFileSync('dist/release/notes.md', 'utf8').trim()
    expect(notes).not.toBe('')
    expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(notes)
  })

  test('the SBOM lists Node, and the packages that the bundle holds', ({ skip }) => {
    if (!canRun('SBOM')) skip('no syft, no SBOM')
    const [path = ''] = globSync('dist/release/sbom-*.cdx.json')
    const names = Sbom.parse(JSON.parse(readFileSync(path, 'utf8'))).components.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['node', 'undici', '@kubernetes/client-node']))
  })

  test('the installed image is the pushed one, by its version', ({ skip }) => {
    if (!canRun('installation')) skip('no registry to install from')
    const [, image] = /^done +image .*?(?<image>127\S+)@sha256/mu.exec(said) ?? []
    expect(ends.get('installation')?.words).toContain(` installs ${image}:`)
  })
})
