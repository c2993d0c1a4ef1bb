import { CountingApiServer, type ServerRefusal, type ServedObject } from './api-server.ts'
import { operatorIn, type Surroundings, type RunningOperator } from './operator.ts'
import { SimulatedTime } from './simulated-time.ts'
import { CountingTwilio } from './twilio.ts'

const KEY = 'shop/orders'
const ACCOUNT = 'shop/default'
const ACCOUNT_SID = `AC${'1'.repeat(32)}`

type Condition = {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** One Sink, its account, and an operator that looks after them. */
export class StubbornWorld implements Surroundings {
  readonly time = new SimulatedTime()
  readonly server = new CountingApiServer(this.time)
  readonly twilio = new CountingTwilio(this.time)
  readonly operators: RunningOperator[] = []

  /** With an account that Twilio accepts, and nothing else yet. */
  async begin(): Promise<void> {
    const spec = { accountSid: ACCOUNT_SID, credentialsSecretRef: { name: 'twilio' } }
    this.server.put('twilioaccounts', { metadata: { name: 'default' }, spec })
    this.operators.push(operatorIn(this))
    await this.time.run(120_000)
  }

  /** A person applies the Sink. */
  apply(description = 'Orders'): void {
    const before = this.sink()
    const spec = { description, webhook: { destination: 'https://a.example.com/secret-path' } }
    this.server.put('sinks', { ...before, metadata: { ...before?.metadata, name: 'orders' }, spec })
  }

  /** A person deletes the Sink. */
  remove(): void {
    const sink = this.sink()
    if (sink === undefined) return
    const deletionTimestamp = new Date(this.time.now()).toISOString()
    this.server.put('sinks', { ...sink, metadata: { ...sink.metadata, deletionTimestamp } })
  }

  startSecond(): void {
    this.operators.push(operatorIn(this, 'team-b'))
  }

  /** The Sink is there, and its sink. */
  async withSink(): Promise<void> {
    this.apply()
    await this.time.run(60_000)
    if (this.condition('Ready')?.status !== 'True') throw new Error(JSON.stringify(this.sink()))
  }

  /** No request whose label is one of these is taken. */
  refuse(refusal: ServerRefusal, ...labels: readonly string[]): void {
    this.server.refuses = (label) => (labels.includes(label) ? refusal : undefined)
  }

  sink(): ServedObject | undefined {
    return this.server.get('sinks', KEY)
  }

  account(): ServedObject | undefined {
    return this.server.get('twilioaccounts', ACCOUNT)
  }

  condition(type: string, plural = 'sinks'): Condition | undefined {
    const object = this.server.get(plural, plural === 'sinks' ? KEY : ACCOUNT)
    const { conditions = [] } = (object?.['status'] ?? {}) as { conditions?: Condition[] }
    return conditions.find((condition) => condition.type === type)
  }

  /** Every condition, and what the log and the events say. */
  said(): string {
    const conditions = ['sinks', 'twilioaccounts'].flatMap((plural) => {
      const object = this.server.get(plural, plural === 'sinks' ? KEY : ACCOUNT)
      return (object?.['status'] as { conditions?: Condition[] })?.conditions ?? []
    })
    const words = conditions.map(({ type, reason, message }) => `${type}: ${reason}: ${message}`)
    return [...words, ...this.server.events, ...this.operators.flatMap(({ log }) => log)].join('\n')
  }
}
