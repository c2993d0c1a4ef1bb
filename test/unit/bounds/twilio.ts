import type { ConnectTwilio } from '../../../src/reconciler/ports.ts'
import { isPast, type Moment } from '../../../src/time/clock.ts'
import { Caller } from '../../../src/twilio/caller.ts'
import { failureOfAnswer, failureWithoutAnswer, notSent } from '../../../src/twilio/failures.ts'
import { readBaseUrl } from '../../../src/twilio/http/base-url.ts'
import { LimitGroups } from '../../../src/twilio/limits.ts'
import type { OperationName, TwilioCall } from '../../../src/twilio/operations.ts'
import type { SendOutcome } from '../../../src/twilio/send-once.ts'
import { createSinksApi } from '../../../src/twilio/sinks-api.ts'
import type { SimulatedTime } from './simulated-time.ts'

type Record_ = Record<string, unknown> & { sid: string }
/** An answer of Twilio; `silence`: none within the call timeout. */
export type TwilioReply =
  { readonly status: number; readonly body?: unknown; readonly retryAfter?: string } | 'silence'

const ORIGIN = 'https://events.twilio.com'
const LATENCY = 100
const CALL_TIMEOUT = 15_000

/** Twilio behind the operator's own client: its limits, pauses and repeats are those of the product. */
export class CountingTwilio {
  readonly requests: OperationName[] = []
  readonly sinks = new Map<string, Record_>()
  /** What Twilio answers instead of doing it. */
  answers: (operation: OperationName) => TwilioReply | undefined = () => undefined
  /** What somebody does at Twilio when it has answered. */
  afterwards: (operation: OperationName) => void = () => undefined
  readonly #time: SimulatedTime
  readonly #limits: LimitGroups
  #made = 0

  constructor(time: SimulatedTime) {
    this.#time = time
    this.#limits = new LimitGroups(4, () => time.monotonic())
  }

  readonly connect: ConnectTwilio = ({ limits }) =>
    createSinksApi(
      readBaseUrl(ORIGIN),
      new Caller({
        sendOnce: (call) => this.#send(call),
        limits: () => this.#limits.of(limits()),
        monotonic: () => this.#time.monotonic(),
        random: () => 0,
        pause: (ms) => this.#time.pause(ms),
        callTimeoutMs: CALL_TIMEOUT,
        whileWaiting: (wait) => wait(),
        ending: new AbortController().signal,
        closed: new AbortController().signal,
      }),
    )

  async #send<T>(call: TwilioCall<T>): Promise<SendOutcome<T>> {
    const { name, success } = call.operation
    if (call.notAfter !== undefined && this.#isPast(call.notAfter))
      return { ok: false, failure: notSent('too late') }
    this.requests.push(name)
    const given = this.answers(name)
    await this.#time.pause(given === 'silence' ? CALL_TIMEOUT : LATENCY)
    if (given === 'silence')
      return { ok: false, failure: failureWithoutAnswer('transient', new Error('silence'), (text) => text) }
    const { status, body, retryAfter } = { retryAfter: undefined, ...(given ?? this.#answer(call)) }
    const header = (header: string) => (header === 'retry-after' ? retryAfter : undefined)
    const answer = { status, header, body: body === undefined ? undefined : JSON.stringify(body) }
    this.afterwards(name)
    if (!success.includes(status))
      return { ok: false, failure: failureOfAnswer(answer, (text) => text, this.#time.now()) }
    const reading = call.read(answer.body)
    if (!reading.readable) throw new Error(`The test answers ${name} wrongly: ${reading.problem}`)
    return { ok: true, value: reading.value, answer }
  }

  #isPast(moment: Moment): boolean {
    return isPast(moment, this.#time)
  }

  #answer({ operation: { name }, path, form }: TwilioCall<unknown>): Exclude<TwilioReply, 'silence'> {
    const sid = /DG[0-9a-f]{32}/u.exec(path)?.[0] ?? ''
    const sink = this.sinks.get(sid)
    const sent = new URLSearchParams(form)
    const meta = { next_page_url: null }
    switch (name) {
      case 'ListSink':
        return { status: 200, body: { sinks: [...this.sinks.values()], meta } }
      case 'ListSubscription':
        return { status: 200, body: { subscriptions: [], meta } }
      case 'CreateSink':
        return { status: 201, body: this.#make(sent) }
      case 'CreateSinkTest':
      case 'CreateSinkValidate':
        return { status: 201, body: { result: 'submitted' } }
      case 'FetchSink':
      case 'UpdateSink':
      case 'DeleteSink':
        if (sink === undefined) return { status: 404, body: { code: 20404, message: 'none', status: 404 } }
        if (name === 'DeleteSink') {
          this.sinks.delete(sid)
          return { status: 204 }
        }
        if (name === 'UpdateSink') sink['description'] = sent.get('Description')
        return { status: 200, body: sink }
    }
  }

  #make(sent: URLSearchParams): Record_ {
    this.#made += 1
    const sid = `DG${String(this.#made).padStart(32, '0')}`
    const at = new Date(this.#time.now()).toISOString().replace(/\.\d+/u, '')
    const sink = {
      sid,
      description: sent.get('Description'),
      sink_type: sent.get('SinkType'),
      sink_configuration: JSON.parse(sent.get('SinkConfiguration') ?? '{}') as unknown,
      status: 'active',
      date_created: at,
      date_updated: at,
      url: `${ORIGIN}/v1/Sinks/${sid}`,
    }
    this.sinks.set(sid, sink)
    return sink
  }
}
