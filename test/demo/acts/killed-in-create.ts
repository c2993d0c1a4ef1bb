import { isAlive } from '../../rigs/control-plane/process-table.ts'
import type { JournalEntry } from '../../rigs/simulator/journal.ts'
import type { DemoAct } from '../act.ts'
import { sampleFile } from '../samples.ts'
import { tellSink } from '../sink-object.ts'
import { sidWhenReady, statusAtTwilio } from '../expectations.ts'
import type { DemoStage } from '../stage.ts'
import { mustBe } from '../waiting.ts'

/** Longer than the step takes: the answer to the create reaches nobody. */
const WITHHELD_MS = 10_000
const MARK = /\[k8s:\w+\/\w+\/\d+\]$/u

async function createsSince({ simulator }: DemoStage, sequence: number): Promise<JournalEntry[]> {
  return (await simulator.journal(sequence)).filter(({ operation }) => operation === 'CreateSink')
}

async function killInCreate(stage: DemoStage): Promise<string> {
  const { simulator, kubectl, operator, timeline, until, memory } = stage
  const match = { operation: 'CreateSink' }
  await simulator.addFault({ kind: 'latency', ms: WITHHELD_MS, phase: 'after', times: 1, match })
  const before = (await simulator.journal()).at(-1)?.sequence ?? 0
  timeline.say('The simulator is set to create the next sink and to hold back its answer')
  await kubectl.run('apply', '-f', sampleFile('webhook'))
  const [create] = await until({
    expected: 'a create that Twilio has carried out and not answered',
    look: () => createsSince(stage, before),
    holds: ([first]) => first?.committed === true,
    tell: (entries) => `${entries.length} creates`,
  })
  const pid = operator.pid()
  await operator.kill()
  timeline.done(`kill -9 ${pid}`)
  const sid = create?.sid ?? ''
  memory.set('SID of the create', sid).set('journal before', String(before))
  mustBe(`process ${pid}`, 'gone', isAlive(pid) ? 'alive' : 'gone')
  await statusAtTwilio(stage, sid, 'active')
  const orders = await kubectl.sink('orders')
  mustBe('recorded SID', 'none', orders?.status.sid ?? 'none')
  timeline.say(`kubectl shows for orders: ${tellSink(orders)}`)
  return sid
}

async function startAgain(stage: DemoStage): Promise<string> {
  const sid = stage.memory.get('SID of the create') ?? ''
  stage.timeline.say('Starting the operator again')
  stage.operator.start()
  mustBe('SID of orders', sid, await sidWhenReady(stage, 'orders'))
  return sid
}

async function onlyOne(stage: DemoStage): Promise<string> {
  const sid = stage.memory.get('SID of the create') ?? ''
  const sinks = await stage.twilio.sinks.list()
  const mark = MARK.exec(sinks.find((sink) => sink.sid === sid)?.description ?? '')?.[0] ?? '(no mark)'
  // The number at the end is that of the attempt; a duplicate would have the next one.
  const owner = mark.slice(0, mark.lastIndexOf('/') + 1)
  mustBe(`sinks marked ${owner}…]`, 1, sinks.filter(({ description }) => description.includes(owner)).length)
  const creates = await createsSince(stage, Number(stage.memory.get('journal before')))
  mustBe('creates at Twilio since then', 1, creates.length)
  return mark
}

export const killedInCreate: DemoAct = {
  title: '9  The operator is killed (kill -9) in the middle of a create',
  steps: [
    { shows: 'Twilio has created the sink, but the operator has got no answer', see: killInCreate },
    { shows: 'after a restart the operator finds the sink by its mark and records it', see: startAgain },
    { shows: 'Twilio got one create and has exactly one sink with that mark', see: onlyOne },
  ],
}
