import { readPreparation, refusalsOf } from './preparation.ts'
import { factsOf, hasProgram, releaseSteps, report, say, withScratch } from './release-steps.ts'
import { runSteps } from './steps.ts'
import { PLATFORMS, type Target } from './target.ts'

/** Pulls what the Dockerfile names. */
const REAL_BASES = { words: { storage: [], trust: [], building: ['build'] }, platforms: PLATFORMS, lacks: '' }

/**
 * Builds, pushes and signs what the tag names that a workflow of GitHub runs for, as that workflow. Resolves with the exit
 * code: unlike a dry run, a release may leave out nothing.
 */
export async function publish(registry: string): Promise<number> {
  const { GITHUB_REF_NAME: tag, GITHUB_REPOSITORY: name, GITHUB_WORKFLOW_REF: workflow } = process.env
  const server = process.env['GITHUB_SERVER_URL']
  if (tag === undefined || name === undefined || workflow === undefined || server === undefined) {
    say('Only the workflow of a tag publishes: see docs/releasing.md. Try --dry-run.')
    return 2
  }
  const preparation = await readPreparation(tag)
  const refusals = refusalsOf(preparation)
  for (const refusal of refusals) say(refusal)
  if (refusals.length > 0) return 1
  const target: Target = {
    registry: registry.toLowerCase(),
    plainHttp: false,
    identity: `${server}/${workflow}`,
    repository: `${server}/${name}`,
  }
  return withScratch(async (scratch) => {
    const facts = await factsOf(preparation, { target, scratch, bases: async () => REAL_BASES })
    const outcomes = await runSteps(releaseSteps(facts, { pushing: [], signing: [] }), {
      say,
      has: hasProgram,
    })
    report(outcomes)
    return outcomes.every(({ end }) => end === 'done') ? 0 : 1
  })
}
