import { readFile } from 'node:fs/promises'
import { ACTS } from './acts.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import { buildWorld, NAMESPACE, TIMES, type World } from './world.ts'

/** `npm run demo`: the life of Sinks, on a real API server and a simulated Twilio. `-- --once` ends after the acts. */
const args = process.argv.slice(2)
const unknown = args.find((arg) => arg !== '--once')
if (unknown !== undefined) {
  process.stderr.write(`demo: ${unknown} is no option; there is only --once, which ends after the scenario\n`)
  process.exit(2)
}

const write = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const timeline = createTimeline(write, performance.now())
const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'))
})

let world: World | undefined
try {
  world = await buildWorld(timeline)
  const outcome = await Promise.race([play(world, timeline), interrupted])
  if (outcome === true && !args.includes('--once')) {
    stayUp(world)
    await interrupted
  }
  process.exitCode = outcome === true ? 0 : 1
} catch (error) {
  timeline.failed('The demo cannot go on', error instanceof Error ? error.message : String(error))
  process.exitCode = 1
} finally {
  await world?.end()
}
process.exit()

async function play(stage: World, lines: Timeline): Promise<boolean> {
  const times = Object.entries(TIMES).map(([name, value]) => `--${name} ${value}`)
  lines.say(`Starting the operator, with scaled times: ${times.join(' ')}`)
  await stage.startOperator()
  for (const { title, play: perform } of ACTS) {
    lines.heading(title)
    const began = performance.now()
    try {
      const seen = await perform(stage, (text) => {
        lines.say(text)
      })
      lines.passed(seen, performance.now() - began)
    } catch (error) {
      lines.failed(title.slice(3), error instanceof Error ? error.message : String(error))
      const log = await readFile(`${stage.folder}/operator.log`, 'utf8').catch(() => '')
      lines.say(`The last lines of the operator's log:\n${log.trimEnd().split('\n').slice(-8).join('\n')}`)
      return false
    }
  }
  lines.say(`All ${ACTS.length} acts were seen`)
  return true
}

function stayUp({ controlPlane, simulatorUrl, folder }: World): void {
  write(`
Everything stays up until Ctrl-C. In another terminal:

  export KUBECONFIG=${controlPlane.kubeconfigPath}
  ${controlPlane.kubectlPath} -n ${NAMESPACE} get sinks -o wide
  ${controlPlane.kubectlPath} -n ${NAMESPACE} describe sink orders
  ${controlPlane.kubectlPath} -n ${NAMESPACE} edit sink orders
  curl -s ${simulatorUrl}/_simulator/sinks
  tail -f ${folder}/operator.log
`)
}
