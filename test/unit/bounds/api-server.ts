import type { Body } from '../../../src/kubernetes/client/body.ts'
import type { ApiCall } from '../../../src/kubernetes/client/call.ts'
import { Connection } from '../../../src/kubernetes/client/connection.ts'
import { apiFailure, apiFailureWithoutAnswer } from '../../../src/kubernetes/client/failure.ts'
import type { JsonPatchOperation } from '../../../src/reconciler/ports.ts'
import { patched } from '../../model/json-patch.ts'
import type { SimulatedTime } from './simulated-time.ts'

type Json = Record<string, unknown>
export type ServedObject = Json & { metadata: Json & { name: string; namespace: string } }

/** A refusal as the API server words it; `silence`: no answer at all. */
export type ServerRefusal = { readonly status: number; readonly body: object } | 'silence'

/** How long each request takes, in milliseconds: whatever repeats without end shows in the count. */
const LATENCY = 20
const TIMEOUT = 10_000

const OWN =
  /^\/apis\/events\.twilio\.com\/v1alpha1(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>sinks|twilioaccounts)(?:\/(?<name>[^/]+))?(?:\/(?<part>status))?$/u

/** What a request is about, as `PATCH sinks/status` or `GET secrets`. */
function labelOf({ method, path }: ApiCall): string {
  const { plural, part } = OWN.exec(path)?.groups ?? {}
  if (plural !== undefined) return `${method} ${plural}${part === undefined ? '' : `/${part}`}`
  const known = ['secrets', 'events', 'customresourcedefinitions', 'namespaces'].find((one) =>
    path.includes(`/${one}`),
  )
  return `${method} ${known ?? path}`
}

/** The connection to an API server that is a map, with a watch, and with whatever refuses or interferes. */
export class CountingApiServer extends Connection {
  readonly requests: string[] = []
  /** Reason and note of each event that was sent. */
  readonly events: string[] = []
  /** What does not take a request. */
  refuses: (label: string, call: ApiCall) => ServerRefusal | undefined = () => undefined
  /** What somebody else does when the operator has written. */
  afterWrite: (label: string, object: ServedObject) => void = () => undefined
  readonly #time: SimulatedTime
  readonly #objects = new Map<string, ServedObject>()
  readonly #watches = new Set<{ readonly plural: string; readonly send: (line: Uint8Array) => void }>()
  #version = 1

  constructor(time: SimulatedTime) {
    const credentials = { read: () => Promise.reject(new Error('nothing is sent')) }
    super({ credentials, clock: time, random: () => 0, userAgent: 'test' })
    this.#time = time
  }

  get(plural: string, key: string): ServedObject | undefined {
    return this.#objects.get(`${plural} ${key}`)
  }

  /** Writes as somebody else does. */
  put(
    plural: string,
    object: Json & { metadata: Json & { name: string } },
    manager = 'kubectl',
  ): ServedObject {
    const { name, namespace = 'shop' } = object.metadata
    const id = `${plural} ${String(namespace)}/${name}`
    const before = this.#objects.get(id)
    this.#version += 1
    const specChanged = JSON.stringify(before?.['spec']) !== JSON.stringify(object['spec'])
    const generation = Number(before?.metadata['generation'] ?? 0) + (specChanged ? 1 : 0)
    const stored: ServedObject = {
      status: { observedGeneration: -1 },
      ...object,
      metadata: {
        uid: `uid-${name}`,
        creationTimestamp: new Date(this.#time.now()).toISOString(),
        ...object.metadata,
        name,
        namespace: String(namespace),
        generation,
        resourceVersion: String(this.#version),
        managedFields: [{ manager, time: new Date(this.#time.now()).toISOString() }],
      },
    }
    const { deletionTimestamp, finalizers = [] } = stored.metadata
    const leaves = deletionTimestamp !== undefined && (finalizers as string[]).length === 0
    if (leaves) this.#objects.delete(id)
    else this.#objects.set(id, stored)
    this.#tell(plural, leaves ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED', stored)
    return stored
  }

  override async requestMeasured(call: ApiCall): Promise<Body> {
    const label = labelOf(call)
    this.requests.push(label)
    const refusal = this.refuses(label, call)
    await this.#time.pause(refusal === 'silence' ? TIMEOUT : LATENCY)
    if (refusal === 'silence') throw apiFailureWithoutAnswer(call, new Error('aborted'))
    if (refusal !== undefined) throw apiFailure(call, refusal.status, refusal.body)
    const value = this.#answer(label, call)
    return { value, bytes: JSON.stringify(value).length }
  }

  override async stream(call: ApiCall): Promise<AsyncIterable<unknown>> {
    const { plural = '' } = OWN.exec(call.path)?.groups ?? {}
    const lines: Uint8Array[] = []
    let wake = (): void => undefined
    this.#watches.add({ plural, send: (line) => (lines.push(line), wake()) })
    return (async function* () {
      for (;;) {
        const line = lines.shift()
        if (line !== undefined) yield line
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    })()
  }

  #tell(plural: string, type: string, object: ServedObject): void {
    const line = new TextEncoder().encode(`${JSON.stringify({ type, object })}\n`)
    for (const watch of this.#watches) if (watch.plural === plural) watch.send(line)
  }

  #answer(label: string, call: ApiCall): unknown {
    const { plural, namespace, name, part } = OWN.exec(call.path)?.groups ?? {}
    if (plural === undefined) return this.#answerOther(label, call)
    if (name === undefined) {
      const items = [...this.#objects]
        .filter(([id]) => id.startsWith(`${plural} `))
        .map(([, object]) => object)
      return { metadata: { resourceVersion: String(this.#version) }, items }
    }
    const object = this.get(plural, `${namespace}/${name}`)
    if (object === undefined) throw apiFailure(call, 404, { details: { name } })
    if (call.method === 'GET') return structuredClone(object)
    const after = patched(object, call.body as readonly JsonPatchOperation[])
    if (after === 'conflict') throw apiFailure(call, 422, { reason: 'Invalid' })
    const written =
      part === 'status' ? { ...object, status: after['status'] } : { ...after, status: object['status'] }
    const stored = structuredClone(this.put(plural, written, call.query?.['fieldManager']))
    this.afterWrite(label, stored)
    return stored
  }

  #answerOther(label: string, { path, body }: ApiCall): unknown {
    if (label === 'GET secrets') {
      const data = { TWILIO_API_KEY: `SK${'2'.repeat(32)}`, TWILIO_API_SECRET: 'secret' }
      const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
      return { metadata: { name: path }, data: Object.fromEntries(encoded) }
    }
    if (label === 'POST events') {
      const { reason, note } = body as { reason: string; note: string }
      this.events.push(`event ${reason}: ${note}`)
    }
    return body ?? { metadata: { name: path } }
  }
}
