import { isReady } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { isRefused, webhook, type Person } from './people.ts'
import type { Site } from './site.ts'

/** Says whether the operator has made such a request in a namespace by now. */
export type HasAsked = (verb: string, resource: string, namespace: string) => Promise<boolean>

/**
 * A life in one namespace, with an account of its own that serves its neighbours: it makes the operator ask for
 * everything that it ever asks for. The Sink `borrowed` outlives it.
 */
export async function liveIn(site: Site, person: Person, neighbour: string, asked: HasAsked): Promise<void> {
  await person.apply('Sink', 'orders', webhook(`orders-${person.namespace}`))
  await person.apply('Sink', 'borrowed', {
    ...webhook(`borrowed-${person.namespace}`),
    accountRef: { name: 'default', namespace: neighbour },
  })
  await person.see('is ready', 'Sink', 'borrowed', isReady)
  const { status } = await person.see('is ready', 'Sink', 'orders', isReady)
  await drift(site, status.sid ?? '')
  await suspendTwice(person)
  await credentialsComeAndGo(site, person, asked)
  await person.remove('Sink', 'orders')
  await person.gone('Sink', 'orders')
}

/** An account for all namespaces of the label `tenant`, this one among them. */
export async function openAccount({ api, accountSid, key }: Site, person: Person): Promise<void> {
  const { namespace } = person
  const body = { metadata: { labels: { tenant: 'yes' } } }
  await api('PATCH', `/api/v1/namespaces/${namespace}`, { type: 'merge-patch+json', body })
  await person.secret('twilio', key.secret)
  await person.apply('TwilioAccount', 'default', {
    accountSid,
    credentialsSecretRef: { name: 'twilio' },
    allowedNamespaces: { from: 'Selector', selector: { matchLabels: { tenant: 'yes' } } },
  })
}

async function drift({ simulator: { admin } }: Site, sid: string): Promise<void> {
  const { description } = (await admin.sink(sid)) ?? {}
  await admin.changeSink(sid, { description: 'edited by hand' })
  await until(
    'the drift is corrected',
    async () => (await admin.sink(sid))?.description === description,
    60_000,
  )
}

/** An event that repeats itself is a patch of the first. */
async function suspendTwice(person: Person): Promise<void> {
  for (const suspend of [true, false, true, false]) {
    await person.patch('Sink', 'orders', { spec: { suspend } })
    await person.see(
      'is looked at',
      'Sink',
      'orders',
      ({ status, metadata }) => status.observedGeneration === metadata.generation,
    )
  }
}

/** The account of the namespace, which must have a Secret `twilio`, cannot be used twice, and is written to meanwhile. */
export async function credentialsComeAndGo(site: Site, person: Person, asked: HasAsked): Promise<void> {
  for (const secret of ['wrong', site.key.secret, 'wrong', site.key.secret]) {
    await person.secret('twilio', secret)
    await person.see('notices', 'TwilioAccount', 'default', secret === 'wrong' ? isRefused : isReady)
  }
  await writeInBetween(site, person, asked)
}

/** Only a write that another one has overtaken makes the operator read an account. */
async function writeInBetween(site: Site, person: Person, asked: HasAsked): Promise<void> {
  let writing = true
  let times = 0
  const write = async (): Promise<void> => {
    while (writing) {
      times += 1
      await person.patch('TwilioAccount', 'default', { metadata: { annotations: { times: String(times) } } })
    }
  }
  const writers = Promise.all([write(), write()])
  try {
    await until(
      'a write of the operator is overtaken',
      async () => {
        await person.secret('twilio', 'wrong')
        await person.see('notices', 'TwilioAccount', 'default', isRefused)
        await person.secret('twilio', site.key.secret)
        await person.see('notices', 'TwilioAccount', 'default', isReady)
        return asked('get', 'twilioaccounts.events.twilio.com', person.namespace)
      },
      180_000,
    )
  } finally {
    writing = false
    await writers
  }
}
