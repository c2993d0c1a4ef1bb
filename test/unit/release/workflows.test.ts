import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

/** A workflow that publishes holds the keys of everybody who installs: what it runs and what it may do is looked at here. */

const PATHS = globSync('.github/workflows/*.yml').sort()
const read = (path: string): string => readFileSync(path, 'utf8')

const Permissions = z.record(z.string(), z.string())
const Workflow = z.looseObject({
  permissions: Permissions,
  jobs: z.record(
    z.string(),
    z.looseObject({
      permissions: Permissions,
      uses: z.string().optional(),
      'timeout-minutes': z.number().optional(),
    }),
  ),
})
const workflowOf = (path: string): z.infer<typeof Workflow> => Workflow.parse(load(read(path)))

test('there are workflows for each change and for each tag', () => {
  expect(PATHS).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml'])
})

describe.each(PATHS)('%s', (path) => {
  test('runs each action at a commit, with its version beside it, since a tag can be moved', () => {
    const uses = [...read(path).matchAll(/^\s*(?:- )?uses: (?<what>.*)$/gmu)].map(
      ({ groups }) => groups?.['what'] ?? '',
    )
    const remote = uses.filter((what) => !what.startsWith('./'))
    expect(remote.length).toBeGreaterThan(0)
    expect(remote.filter((what) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(what))).toEqual([])
  })

  test('gives each job its own rights and a limit of time', () => {
    const { permissions, jobs } = workflowOf(path)
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs))
      expect(job['timeout-minutes'] !== undefined || job.uses !== undefined).toBe(true)
  })
})

test('only the jobs of a tag may write, each only what it makes', () => {
  const rightsOf = (path: string): Record<string, string[]> =>
    Object.fromEntries(
      Object.entries(workflowOf(path).jobs).map(([name, { permissions }]) => [
        name,
        Object.entries(permissions).flatMap(([what, right]) => (right === 'write' ? [what] : [])),
      ]),
    )
  expect(Object.values(rightsOf('.github/workflows/ci.yml')).flat()).toEqual([])
  expect(rightsOf('.github/workflows/release.yml')).toEqual({
    ci: [],
    publish: ['packages', 'id-token', 'attestations'],
    'github-release': ['contents'],
  })
})

test('an action has one version in all workflows', () => {
  const pins = PATHS.flatMap((path) => [
    ...read(path).matchAll(/uses: (?<name>[\w-]+\/[\w-]+)@(?<pin>.*)$/gmu),
  ])
  const byName = Map.groupBy(pins, ({ groups }) => groups?.['name'])
  for (const [name, found] of byName)
    expect(new Set(found.map(({ groups }) => groups?.['pin'])).size, name).toBe(1)
})

describe('the update bot', () => {
  const Renovate = z.looseObject({
    customManagers: z.array(
      z.looseObject({ managerFilePatterns: z.array(z.string()), matchStrings: z.array(z.string()) }),
    ),
  })
  const { customManagers } = Renovate.parse(JSON.parse(read('renovate.json')))
  const programs = read('.ci/programs')

  test('finds each program that .ci/programs pins', () => {
    const found = customManagers.flatMap(({ matchStrings }) =>
      matchStrings.flatMap((pattern) => [...programs.matchAll(new RegExp(pattern, 'gu'))]),
    )
    const pinned = programs.split('\n').filter((line) => /\) install_(?:go|python)_program /u.test(line))
    expect(found).toHaveLength(pinned.length)
    expect(found.map(({ groups }) => groups?.['depName'])).toEqual(
      expect.arrayContaining(['github.com/sigstore/cosign/v3', 'zizmor']),
    )
  })
})

const answer = (
  program: string,
  ...args: readonly string[]
): Promise<{ code: number; said: string } | undefined> =>
  new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') resolve(undefined)
      else resolve({ code: error === null ? 0 : 1, said: stdout + stderr })
    })
  })

describe.each([
  ['actionlint', []],
  ['zizmor', ['--offline', '--no-progress', '--persona', 'pedantic', '.github']],
])('%s', (program, args) => {
  test('finds nothing', async ({ skip }) => {
    const answered = await answer(program, ...args)
    if (answered === undefined) return skip(`${program} is not here: source .ci/programs ${program}`)
    expect(answered.code, answered.said).toBe(0)
  })
})
