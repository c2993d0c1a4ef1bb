import { readFile } from 'node:fs/promises'
import { until } from './programs.ts'
import { NAMESPACE, type SinkView, type World } from './world.ts'

/** One act: what is done, and what must be seen through kubectl and the official library. */
export interface Act {
  readonly title: string
  readonly play: (world: World, say: (text: string) => void) => Promise<string>
}

const condition = (sink: SinkView | undefined, type: string) =>
  sink?.status.conditions?.find((one) => one.type === type)

const reason = (world: World, name: string, wanted: string): Promise<SinkView> =>
  until(`Sink ${name} with Ready reason ${wanted}`, async () => {
    const sink = await world.sink(name)
    const current = sink?.status.observedGeneration === sink?.metadata.generation
    return current && condition(sink, 'Ready')?.reason === wanted && sink
  })

const ready = (world: World, name: string): Promise<SinkView> => reason(world, name, 'Active')

const sidOf = ({ metadata, status }: SinkView): string => {
  if (status.sid === undefined) throw new Error(`${metadata.name} has no SID`)
  return status.sid
}

const described = async (world: World, sid: string): Promise<string> =>
  (await world.twilio.sinks(sid).fetch()).description

/** Waits until Twilio's description satisfies the demo. */
const describedAs = (world: World, sid: string, text: string): Promise<string> =>
  until(`the description "${text}" at Twilio`, async () => {
    const description = await described(world, sid)
    return description.startsWith(`${text} [k8s:`) && description
  })

const annotate = (world: World, name: string, annotation: string): Promise<string> =>
  world.kubectl('-n', NAMESPACE, 'annotate', 'sink', name, '--overwrite', `events.twilio.com/${annotation}`)

const patch = (world: World, name: string, spec: unknown): Promise<string> =>
  world.kubectl('-n', NAMESPACE, 'patch', 'sink', name, '--type=merge', '-p', JSON.stringify({ spec }))

const check = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise)
}

const threeTypes: Act = {
  title: '1  Three Sinks of three types are applied and created at Twilio',
  play: async (world) => {
    const { kubectl } = world
    await world.somebody.change({ validation: 'legacy', statusAfterCreateByType: { kinesis: 'initialized' } })
    await kubectl(
      '-n',
      NAMESPACE,
      'create',
      'secret',
      'generic',
      'twilio',
      '--from-literal=TWILIO_AUTH_TOKEN=demo-auth-token',
    )
    const values = ['--from-literal=externalId=demo-external-id', '--from-literal=writeKey=demo-write-key']
    await kubectl('-n', NAMESPACE, 'create', 'secret', 'generic', 'sink-values', ...values)
    for (const file of ['account', 'webhook', 'kinesis', 'segment'])
      await kubectl('apply', '-f', `docs/samples/${file}.yaml`)
    const sinks = [
      await ready(world, 'orders'),
      await reason(world, 'call-log', 'Initialized'),
      await ready(world, 'marketing'),
    ]
    const types = await Promise.all(
      sinks.map(async (sink) => (await world.twilio.sinks(sidOf(sink)).fetch()).sinkType),
    )
    check(types.join() === 'webhook,kinesis,segment', `Twilio has the types ${types.join()}`)
    check((await world.twilio.sinks.list()).length === 3, 'Twilio does not have exactly three sinks')
    return 'three objects have their SIDs, Twilio has exactly these three sinks'
  },
}

const statusMirrored: Act = {
  title: "2  Twilio's status is mirrored: initialized, validating, active",
  play: async (world) => {
    const sid = sidOf(await reason(world, 'call-log', 'Initialized'))
    await annotate(world, 'call-log', 'test-requested-at=now')
    await reason(world, 'call-log', 'Validating')
    // The owner of the stream reads the id there; the simulator tells what it sent.
    const testId = (await world.somebody.sink(sid))?.testId
    await annotate(world, 'call-log', `validate=${testId ?? ''}`)
    await ready(world, 'call-log')
    check((await world.twilio.sinks(sid).fetch()).status === 'active', 'Twilio does not say active')
    return 'call-log went from initialized over validating to active, asked for by annotations'
  },
}

const descriptionEdited: Act = {
  title: '3  The description is edited',
  play: async (world) => {
    const sid = sidOf(await ready(world, 'orders'))
    await patch(world, 'orders', { description: 'Orders for both warehouses' })
    await describedAs(world, sid, 'Orders for both warehouses')
    check(sidOf(await ready(world, 'orders')) === sid, 'the SID has changed')
    return 'Twilio has the new text in the same sink'
  },
}

const destinationRefused: Act = {
  title: '4  A change of the destination is refused, since Twilio cannot change it',
  play: async (world, say) => {
    const change = JSON.stringify({
      spec: { webhook: { destination: 'https://elsewhere.example.com/twilio' } },
    })
    const message = await world.refused([
      '-n',
      NAMESPACE,
      'patch',
      'sink',
      'orders',
      '--type=merge',
      '-p',
      change,
    ])
    say(message)
    check(message.includes('spec.webhook.destination'), 'the message does not name the field')
    return 'kubectl shows what is wrong and what to do instead'
  },
}

const driftCorrected: Act = {
  title: '5  Somebody changes the description at Twilio; it is corrected',
  play: async (world) => {
    const sid = sidOf(await ready(world, 'orders'))
    await world.twilio.sinks(sid).update({ description: 'Changed by hand' })
    await describedAs(world, sid, 'Orders for both warehouses')
    return 'text and mark are back'
  },
}

const recreated: Act = {
  title: '6  Somebody deletes a sink at Twilio; it is created again',
  play: async (world) => {
    const sid = sidOf(await ready(world, 'marketing'))
    await world.twilio.sinks(sid).remove()
    const next = await until('a new SID', async () => {
      const sink = await world.sink('marketing')
      return sink?.status.sid !== sid && condition(sink, 'Ready')?.status === 'True' && sink
    })
    check(
      (await world.twilio.sinks(sidOf(next)).fetch()).sinkType === 'segment',
      'the new sink is no segment sink',
    )
    check((await world.twilio.sinks.list()).length === 3, 'Twilio does not have exactly three sinks')
    return `${sid} is gone, ${sidOf(next)} is there, three sinks in all`
  },
}

const imported: Act = {
  title: '7  A sink made by hand is imported',
  play: async (world) => {
    const made = await world.twilio.sinks.create({
      description: 'Made by hand in the Console',
      sinkType: 'webhook',
      sinkConfiguration: {
        destination: 'https://legacy.example.com/twilio',
        method: 'POST',
        batch_events: false,
      },
    })
    const yaml = await readFile('docs/samples/import.yaml', 'utf8')
    await world.apply(yaml.replace(/DG0{31}1/u, made.sid))
    const sink = await ready(world, 'legacy')
    check(sidOf(sink) === made.sid, 'another SID is recorded')
    check(
      (await described(world, made.sid)) === 'Made by hand in the Console',
      'importing has changed the sink',
    )
    return `legacy has taken over ${made.sid}, nothing changed at Twilio`
  },
}

const deletionBlocked: Act = {
  title: '8  A deletion waits for a subscription, says so, and is done when that is gone',
  play: async (world, say) => {
    const sid = sidOf(await ready(world, 'orders'))
    const types = [{ type: 'com.twilio.messaging.message.sent', schema_version: 1 }]
    const subscription = await world.twilio.subscriptions.create({
      description: 'Orders',
      sinkSid: sid,
      types,
    })
    await world.kubectl('-n', NAMESPACE, 'delete', 'sink', 'orders', '--wait=false')
    const blocked = await until('DeletionBlocked', async () => {
      const found = condition(await world.sink('orders'), 'DeletionBlocked')
      return found?.reason === 'SinkInUse' && found.message.includes(subscription.sid) && found
    })
    say(`DeletionBlocked, ${blocked.reason}: ${blocked.message}`)
    await world.twilio.subscriptions(subscription.sid).remove()
    await until('the object to go', async () => (await world.sink('orders')) === undefined)
    const left = await world.twilio
      .sinks(sid)
      .fetch()
      .then(
        () => true,
        () => false,
      )
    check(!left, 'the sink is still at Twilio')
    return `${sid} and its object are gone, after ${subscription.sid}`
  },
}

const killed: Act = {
  title: '9  The operator is killed with -9 in the middle of a create, and started again',
  play: async (world, say) => {
    await world.somebody.addFault({
      kind: 'latency',
      ms: 5_000,
      phase: 'after',
      times: 1,
      match: { operation: 'CreateSink' },
    })
    const since = (await world.somebody.journal()).at(-1)?.sequence ?? 0
    await world.kubectl('apply', '-f', 'docs/samples/webhook.yaml')
    const made = await until('the create to be processed', async () => {
      const entries = await world.somebody.journal(since)
      return entries.find(({ operation, committed }) => operation === 'CreateSink' && committed)
    })
    const pid = world.operatorPid()
    await world.killOperator()
    say(`Killed process ${pid}: Twilio has made ${made.sid ?? '?'}, and nobody has heard of it`)
    check((await world.sink('orders'))?.status.sid === undefined, 'the SID was recorded before the kill')
    await world.somebody.clearFaults()
    await world.startOperator()
    const sink = await ready(world, 'orders')
    check(sidOf(sink) === made.sid, `recorded is ${sidOf(sink)}, not ${made.sid ?? '?'}`)
    const mine = (await world.twilio.sinks.list()).filter(({ description }) =>
      description.startsWith('Orders for the warehouse [k8s:'),
    )
    check(mine.length === 1, `Twilio has ${mine.length} sinks for this object`)
    return `${sidOf(sink)} was found by its mark: one object, one sink`
  },
}

export const ACTS: readonly Act[] = [
  threeTypes,
  statusMirrored,
  descriptionEdited,
  destinationRefused,
  driftCorrected,
  recreated,
  imported,
  deletionBlocked,
  killed,
]
