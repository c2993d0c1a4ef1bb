import { parseArgs } from 'node:util'
import { dryRun } from './dry-run.ts'
import { readPreparation, refusalsOf } from './preparation.ts'
import { publish } from './publish.ts'
import { say } from './release-steps.ts'

const USAGE = `npm run release -- --check [--tag v0.1.0]   says why no release may be made; exit code 1 if there is a reason
npm run release -- --dry-run [--stand-ins]  does everything but publish, on a registry and a cluster on loopback
npm run release -- --publish ghcr.io/owner  of the workflow, for a tag: builds, pushes and signs

--stand-ins builds on images made of files of this machine, without asking for the real base images.
docs/releasing.md says how a release is made.`

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    publish: { type: 'string' },
    'stand-ins': { type: 'boolean', default: false },
    tag: { type: 'string' },
  },
})

async function check(): Promise<number> {
  const refusals = refusalsOf(await readPreparation(values.tag))
  for (const refusal of refusals) say(refusal)
  say(refusals.length === 0 ? 'Nothing speaks against a release.' : 'A release is refused.')
  return refusals.length === 0 ? 0 : 1
}

/** Resolves with the exit code. */
async function chosen(): Promise<number> {
  if (values.publish !== undefined) return publish(values.publish)
  if (values['dry-run']) return dryRun(values['stand-ins'])
  if (values.check) return check()
  say(USAGE)
  return 2
}

process.exitCode = await chosen()
