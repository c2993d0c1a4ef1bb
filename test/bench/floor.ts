import { readFileSync } from 'node:fs'
import { Pool } from 'undici'
import type { ClusterAddress } from '../rigs/control-plane/cluster-access.ts'
import { benchApi, SINKS, sinksOf, type BenchApi } from './api.ts'
import { inLanes } from './people.ts'

/**
 * The floor: a program that does for each Sink that exists what nobody can leave out, two writes to Kubernetes and one
 * POST to Twilio. It proves nothing, remembers nothing and would not survive a crash. `node floor.ts <file>`, where the
 * file holds a `FloorTask`; prints a `FloorResult`.
 */

export interface FloorTask {
  readonly cluster: ClusterAddress
  readonly twilioUrl: string
  readonly accounts: readonly FloorAccount[]
  /** Sinks at a time. */
  readonly inFlight: number
  /** Calls to Twilio at a time for one account. */
  readonly perAccount: number
}

export interface FloorAccount {
  readonly namespace: string
  readonly sid: string
  readonly token: string
}

export interface FloorResult {
  /** For each Sink, milliseconds. */
  readonly waits: readonly number[]
  readonly seconds: number
  readonly cpu: number
}

interface FloorSink {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly generation: number }
  readonly spec: { readonly description: string; readonly webhook: { readonly destination: string } }
}

/** Lets so many in at a time. */
class Gate {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#free = size
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}

/** The first of each namespace, then the second of each: no account waits while another has all calls. */
function inTurns(sinks: readonly FloorSink[]): readonly FloorSink[] {
  const turns = new Map<string, number>()
  const turnOf = ({ metadata: { namespace } }: FloorSink): number => {
    const turn = turns.get(namespace) ?? 0
    turns.set(namespace, turn + 1)
    return turn
  }
  return sinks
    .map((sink) => ({ sink, turn: turnOf(sink) }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ sink }) => sink)
}

/** @returns the SID */
type Post = (sink: FloorSink) => Promise<string>

function poster({ twilioUrl, accounts, perAccount }: FloorTask): Post {
  const pool = new Pool(twilioUrl, { allowH2: false })
  const doors = new Map(
    accounts.map(({ namespace, sid, token }) => {
      const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`
      return [namespace, { authorization, gate: new Gate(perAccount) }]
    }),
  )
  return async ({ metadata: { namespace }, spec }) => {
    const door = doors.get(namespace)
    if (door === undefined) throw new Error(`${namespace} has no account`)
    const form = {
      Description: spec.description,
      SinkType: 'webhook',
      SinkConfiguration: JSON.stringify(spec.webhook),
    }
    const headers = {
      authorization: door.authorization,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const body = new URLSearchParams(form).toString()
    return door.gate.through(async () => {
      const answer = await pool.request({ method: 'POST', path: '/v1/Sinks', headers, body })
      const text = await answer.body.text()
      if (answer.statusCode >= 300) throw new Error(`Twilio answers ${answer.statusCode} ${text}`)
      return (JSON.parse(text) as { sid: string }).sid
    })
  }
}

async function bringAbout(api: BenchApi, post: Post, sink: FloorSink): Promise<void> {
  const { namespace, name, generation } = sink.metadata
  const path = `${sinksOf(namespace)}/${name}`
  await api.call('PATCH', path, { metadata: { annotations: { 'bench.example.com/claim': '1' } } })
  const sid = await post(sink)
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Active',
    message: 'The sink is active.',
    observedGeneration: generation,
    lastTransitionTime: new Date().toISOString(),
  }
  const status = { observedGeneration: generation, sid, sinkStatus: 'active', conditions: [ready] }
  await api.call('PATCH', `${path}/status`, { status })
}

async function run(task: FloorTask): Promise<FloorResult> {
  const api = benchApi(task.cluster, 'floor')
  const post = poster(task)
  const { items } = (await api.call('GET', SINKS)) as { items: FloorSink[] }
  const cpu = process.cpuUsage()
  const began = performance.now()
  const waits: number[] = []
  await inLanes(task.inFlight, inTurns(items), async (sink) => {
    const start = performance.now()
    await bringAbout(api, post, sink)
    waits.push(performance.now() - start)
  })
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { waits, seconds, cpu: (user + system) / 1_000_000 }
}

const [file = ''] = process.argv.slice(2)
const result = await run(JSON.parse(readFileSync(file, 'utf8')) as FloorTask)
process.stdout.write(JSON.stringify(result), () => process.exit(0))
