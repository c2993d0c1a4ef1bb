import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../test/rigs/until.ts'
import { startControlPlane } from '../test/rigs/control-plane/control-plane.ts'
import { startOperator, type BeginOperator } from '../test/integration/operator/operator-process.ts'
import { ready, setStage, sink } from '../test/integration/operator/stage.ts'
import { markdownTable } from './markdown-table.ts'

/**
 * `npm run trace`: how much of `src` a reader follows for a change. The real operator runs on a real API server and the
 * simulator, and V8 counts which of its functions are entered from the change until the operator rests again. `--list`
 * prints the functions too. The account is not polled meanwhile, so that nothing else is counted.
 */

/** One function of `src` that was entered. */
interface Entered {
  /** Such as `src/sink/decide.ts`. */
  readonly file: string
  readonly name: string
  readonly count: number
}

/** Between the last write and the count: what follows from a change has come to its end. */
const REST_MS = 1_500

/** V8's inspector, of the process that was started last. */
interface Inspector {
  /** Functions entered since the last call. */
  entered(): Promise<Entered[]>
  close(): void
}

interface Coverage {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly {
      readonly functionName: string
      readonly ranges: readonly { readonly count: number }[]
    }[]
  }[]
}

async function openInspector(url: string): Promise<Inspector> {
  const socket = new WebSocket(url)
  const answers = new Map<number, (result: unknown) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id !== undefined) answers.get(id)?.(result)
  })
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  let last = 0
  const call = (method: string, params = {}): Promise<unknown> =>
    new Promise((resolve) => {
      last += 1
      answers.set(last, resolve)
      socket.send(JSON.stringify({ id: last, method, params }))
    })
  await call('Profiler.enable')
  await call('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  return {
    entered: async () => functionsOf((await call('Profiler.takePreciseCoverage')) as Coverage),
    close: () => socket.close(),
  }
}

const functionsOf = ({ result }: Coverage): Entered[] =>
  result.flatMap(({ url, functions }) => {
    const file = /\/(?<file>src\/.*\.ts)$/u.exec(url)?.groups?.['file']
    if (file === undefined) return []
    return functions
      .map(({ functionName: name, ranges }) => ({ file, name, count: ranges[0]?.count ?? 0 }))
      .filter(({ count }) => count > 0)
  })

/** The operator with an inspector on a free port, and where that listens. */
function inspected(): { readonly begin: BeginOperator; readonly url: Promise<string> } {
  const { promise: url, resolve } = Promise.withResolvers<string>()
  const begin: BeginOperator = async (argv) => {
    const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', 'src/main.ts', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stderr.on('data', (data: Buffer) => {
      const found = /ws:\/\/\S+/u.exec(data.toString())
      if (found !== null) resolve(found[0])
    })
    return child
  }
  return { begin, url }
}

const CREATED = 'a Sink is created'
const LABELLED = 'a label of a Ready Sink changes'
/** Counted on commit fa9aaa0 of 2026-11-28. */
const BEFORE: Readonly<Record<string, string>> = { [CREATED]: '114 / 666', [LABELLED]: '72 / 228' }
const AIMS: Readonly<Record<string, string>> = { [CREATED]: '60 / 250', [LABELLED]: '35 / 90' }
const WHY =
  'A create is more than one reconcile: it enters both clients (33 files), decides again when it gets its turn, records, and ' +
  'lets the account be judged with the new Sink. 60 files would mean larger files, not fewer steps.'

const NAME = 'orders'
const SELDOM = { 'poll-interval': '1h', 'settling-poll-interval': '1h', 'log-level': 'info' }

/** A change, and how long the operator is watched after it. */
async function trace(): Promise<ReadonlyMap<string, readonly Entered[]>> {
  const cluster = await startControlPlane()
  const { begin, url } = inspected()
  const stage = await setStage({
    name: 'trace',
    cluster,
    start: (flags) => startOperator({ ...flags, ...SELDOM }, undefined, begin),
  })
  try {
    const inspector = await openInspector(await url)
    const after = async (change: () => Promise<unknown>): Promise<readonly Entered[]> => {
      await inspector.entered()
      await change()
      await sleep(REST_MS)
      return inspector.entered()
    }
    await until(
      'the account is verified',
      async () => (await stage.get('twilioaccounts', 'default'))?.status?.conditions,
    )
    await sleep(REST_MS)
    const seen = new Map<string, readonly Entered[]>()
    seen.set('nothing, for as long', await after(async () => undefined))
    seen.set(CREATED, await after(() => stage.apply(sink(NAME)).then(() => ready(stage, NAME))))
    seen.set(LABELLED, await after(() => stage.kubectl(['label', 'sink', NAME, 'a=b'])))
    inspector.close()
    return seen
  } finally {
    await stage.end()
    await cluster.stop()
  }
}

const seen = await trace()
const filesOf = (entered: readonly Entered[]): number => new Set(entered.map(({ file }) => file)).size
const callsOf = (entered: readonly Entered[]): number => entered.reduce((sum, { count }) => sum + count, 0)
const rows = [...seen].map(([change, entered]) => [
  change,
  BEFORE[change] ?? '',
  `${filesOf(entered)} / ${callsOf(entered)}`,
  AIMS[change] ?? '',
])
process.stdout.write(`${markdownTable(['files entered / calls', '2026-11-28', 'now', 'aim'], rows)}\n`)
process.stdout.write(`\n${WHY}\n`)
if (process.argv.includes('--list')) {
  for (const [change, entered] of seen) {
    const lines = entered.map(({ file, name, count }) => `${file} ${name} ${count}`).sort()
    process.stdout.write(`\n${change}\n${lines.join('\n')}\n`)
  }
}
process.exit(0)
