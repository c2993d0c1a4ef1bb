import { freePort } from '../../test/rigs/control-plane/free-port.ts'
import { installFromRegistry } from './installation.ts'
import { readPreparation, refusalsOf } from './preparation.ts'
import { basesFor, keysIn, makeKeys, startRegistry } from './rehearsal.ts'
import { factsOf, hasProgram, releaseSteps, report, say, withScratch } from './release-steps.ts'
import type { ReleaseFacts } from './release-steps.ts'
import { LeftOutError, runSteps, type Step } from './steps.ts'
import type { Target } from './target.ts'

/** Of a tree that is not ready, too: then the notes are those of what is not released yet. Resolves with the exit code. */
export async function dryRun(onStandIns: boolean): Promise<number> {
  const preparation = await readPreparation()
  for (const refusal of refusalsOf(preparation)) say(`A release would be refused: ${refusal}`)
  return withScratch(async (scratch) => {
    const keys = keysIn(scratch)
    const target: Target = { registry: `127.0.0.1:${await freePort()}`, plainHttp: true, keys }
    const bases = (): ReturnType<typeof basesFor> => basesFor(scratch, say, onStandIns)
    const facts = await factsOf(preparation, { target, scratch, bases })
    const registry = await registryOf(target)
    try {
      const steps = releaseSteps(facts, { pushing: [registry.step.name], signing: [KEY_PAIR] })
      const all = [registry.step, keyPair(scratch), ...steps, ...lastSteps(facts)]
      const outcomes = await runSteps(all, { say, has: hasProgram })
      report(outcomes)
      return outcomes.some(({ end }) => end === 'failed') ? 1 : 0
    } finally {
      registry.end()
    }
  })
}

const KEY_PAIR = 'key pair'

async function registryOf({
  registry: host,
}: Target): Promise<{ readonly step: Step; readonly end: () => void }> {
  let end = (): void => undefined
  const work = async (): Promise<string> => {
    end = await startRegistry(host)
    return `on ${host}, in memory, until the end of the dry run`
  }
  return { step: { name: 'registry', after: [], programs: ['crane'], work }, end: () => end() }
}

const keyPair = (scratch: string): Step => ({
  name: KEY_PAIR,
  after: [],
  programs: ['cosign'],
  work: async () => {
    await makeKeys(scratch)
    return 'made for this dry run alone'
  },
})

const lastSteps = ({ target, version, output }: ReleaseFacts): Step[] => [
  { name: 'installation', after: ['chart'], programs: [], work: () => installFromRegistry(target, version) },
  leftOut('provenance', 'GitHub makes it, of a run of the workflow'),
  leftOut('GitHub release', `only the workflow of a tag makes one; its text would be ${output}/notes.md`),
]

const leftOut = (name: string, why: string): Step => ({
  name,
  after: [],
  programs: [],
  work: () => Promise.reject(new LeftOutError(why)),
})
