import { fileURLToPath } from 'node:url'
import { endOnRequest, Interruption } from './interruption.ts'
import { TIMES } from './operator.ts'
import { perform } from './perform.ts'
import { SCENARIO } from './scenario.ts'
import { openTheatre, type Theatre } from './stage.ts'
import { createTimeline } from './timeline.ts'
import { invitation } from './visitors.ts'
import { messageOf } from './waiting.ts'

/**
 * `npm run demo`: the life of Sinks, on a real API server and a simulated Twilio. `-- --once` ends after the scenario.
 * Exit codes: 0 when every step was seen, 1 when not, 2 for a wrong argument.
 */
const args = process.argv.slice(2)
const unknown = args.find((arg) => arg !== '--once')
if (unknown !== undefined) {
  process.stderr.write(
    `demo: unknown argument ${unknown}; the only argument is --once, which ends the demo after the nine steps\n`,
  )
  process.exit(2)
}
process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
// Everything is on loopback, which the official library would otherwise look for behind a proxy.
process.env.NO_PROXY = process.env.no_proxy = '127.0.0.1'

const timeline = createTimeline((line) => process.stdout.write(`${line}\n`), performance.now())
const stop = new AbortController()
endOnRequest(stop)

let theatre: Theatre | undefined
let allSeen = false
try {
  theatre = await openTheatre(timeline, stop)
  allSeen = await play(theatre)
  if (allSeen && !args.includes('--once')) allSeen = await stayUp(theatre)
} catch (error) {
  timeline.failed('The demo cannot continue', messageOf(stop.signal.aborted ? stop.signal.reason : error))
} finally {
  timeline.say('Stopping everything that was started')
  await theatre?.end()
}
process.exit(allSeen ? 0 : 1)

async function play({ stage }: Theatre): Promise<boolean> {
  const times = Object.entries(TIMES).map(([name, value]) => `--${name} ${value}`)
  timeline.say(`Starting the operator, with short times: ${times.join(' ')}`)
  stage.operator.start()
  const began = performance.now()
  if (!(await perform(SCENARIO, stage, stop.signal))) return false
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  timeline.heading(`✓ All ${SCENARIO.length} steps had the expected result (${seconds} s)`)
  return true
}

/** Resolves with whether it was a person who ended it. */
async function stayUp({ addresses, stage }: Theatre): Promise<boolean> {
  // People try what happens when they kill it.
  stage.operator.supervise((line) => timeline.say(line))
  process.stdout.write(`${invitation(addresses)}\n`)
  const { signal } = stop
  // The interval keeps the process, which nothing else might.
  const waiting = setInterval(() => undefined, 60_000)
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(waiting)
  if (signal.reason instanceof Interruption) return true
  timeline.failed('The demo cannot continue', messageOf(signal.reason))
  return false
}
