import type {
  NewSink,
  SinkChange,
  SinkLook,
  SinkProbe,
  SinkWrites,
  TwilioAccountApi,
} from '../reconciler/ports.ts'
import type { Moment } from '../time/clock.ts'
import { TwilioFailure, type FailureFacts } from '../external/failure.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import {
  ExternalSinkAnswer,
  ResultAnswer,
  SinkPage,
  SubscriptionPage,
  readJson,
  readNothing,
  readOnlyIf,
} from './answers.ts'
import type { BaseUrl } from './http/base-url.ts'
import type { Caller, Send } from './caller.ts'
import { OPERATIONS, type TwilioCall } from './operations.ts'
import { readPages } from './paging.ts'
import { secretsOfConfiguration } from './secrets.ts'

const readSubscriptionPage = readJson(SubscriptionPage)
const readResult = readJson(ResultAnswer)

/** Twilio's Sinks and Subscriptions through one credential. */
export function createSinksApi(base: BaseUrl, caller: Caller): TwilioAccountApi {
  const sinks = sinksAt(base)
  const readSinkPage = readJson(
    SinkPage.transform((page) => ({ ...page, items: page.items.map(sinks.linked) })),
  )
  const subscriptions = `${base.prefix}/v1/Subscriptions`

  return {
    async listSinks() {
      const { items, pages } = await readPages(base.origin, `${sinks.path}?PageSize=1000`, (path) =>
        caller.call({ operation: OPERATIONS.ListSink, path, read: readSinkPage }),
      )
      return { sinks: items, pages }
    },
    async listSubscriptions() {
      const { items } = await readPages(base.origin, `${subscriptions}?PageSize=1000`, (path) =>
        caller.call({ operation: OPERATIONS.ListSubscription, path, read: readSubscriptionPage }),
      )
      return items
    },
    ...createLook(sinks, (call) => caller.call(call)),
    writes: createWrites(sinks, caller),
    probe: createProbe(sinks, caller),
  }
}

/** The path of all sinks, and how an answer about one of them is read. */
interface Sinks {
  readonly path: string
  readonly linked: (sink: ExternalSink) => ExternalSink
  readonly read: TwilioCall<ExternalSink>['read']
}

/**
 * The link in a record confirms the SID beside it. A mirror or proxy may leave one to another host in its answers, which
 * is not shown: then the link is where the sink was read.
 */
function sinksAt({ origin, prefix }: BaseUrl): Sinks {
  const path = `${prefix}/v1/Sinks`
  const linked = (sink: ExternalSink): ExternalSink =>
    sink.url.includes(sink.sid) ? sink : { ...sink, url: `${origin}${path}/${sink.sid}` }
  return { path, linked, read: readJson(ExternalSinkAnswer.transform(linked)) }
}

function createWrites(sinks: Sinks, caller: Caller): SinkWrites {
  return {
    withCreateSlot: (work) =>
      caller.withSlot((send) => {
        let posted = false
        return work(async (sink, notAfter) => {
          if (posted) throw failure('not-sent', 'One slot is for one create')
          posted = true
          return send(newSinkCall(sinks, sink, notAfter))
        })
      }),
    withChangeSlot: (work, lasting) => caller.withSlot((send) => work(createChange(sinks, send)), lasting),
  }
}

function createChange(sinks: Sinks, send: Send): SinkChange {
  return {
    ...createLook(sinks, send),
    async updateDescription(sid, description, notAfter) {
      const form = descriptionForm(description)
      const path = pathOf(sinks, sid)
      return send({ operation: OPERATIONS.UpdateSink, path, form, notAfter, read: readSinkWith(sinks, sid) })
    },
    async deleteSink(sid, notAfter) {
      const path = pathOf(sinks, sid)
      await send({ operation: OPERATIONS.DeleteSink, path, notAfter, read: readNothing })
    },
  }
}

function createLook(sinks: Sinks, send: Send): SinkLook {
  return {
    async fetchSink(sid) {
      const path = pathOf(sinks, sid)
      return send({ operation: OPERATIONS.FetchSink, path, read: readSinkWith(sinks, sid) })
    },
  }
}

function createProbe(sinks: Sinks, caller: Caller): SinkProbe {
  return {
    async sendTest(sid) {
      const path = `${pathOf(sinks, sid)}/Test`
      return caller.call({ operation: OPERATIONS.CreateSinkTest, path, form: '', read: readResult })
    },
    async validate(sid, testId) {
      const path = `${pathOf(sinks, sid)}/Validate`
      const form = testIdForm(testId)
      return caller.call({ operation: OPERATIONS.CreateSinkValidate, path, form, read: readResult })
    },
  }
}

function newSinkCall({ path, read }: Sinks, sink: NewSink, notAfter: Moment): TwilioCall<ExternalSink> {
  return {
    operation: OPERATIONS.CreateSink,
    path,
    form: newSinkForm(sink),
    secrets: () => secretsOfConfiguration(sink.configuration),
    notAfter,
    read,
  }
}

/** An answer about another sink than the one asked for is no answer. */
function readSinkWith({ read }: Sinks, sid: string): TwilioCall<ExternalSink>['read'] {
  const same = (sink: ExternalSink): boolean => sink.sid === sid
  return readOnlyIf(read, same, 'it is about another sink')
}

/** A SID comes from a status that anybody may have edited; what is none never becomes part of a path. */
function pathOf({ path }: Sinks, sid: string): string {
  if (!/^DG[0-9a-f]{32}$/iu.test(sid)) throw failure('refused', 'This is not the SID of a sink')
  return `${path}/${sid}`
}

function failure(kind: FailureFacts['kind'], message: string): TwilioFailure {
  return new TwilioFailure({ kind, message })
}

/** The form of a create. `SinkConfiguration` is one field that holds JSON text; its members stay in snake_case. */
export function newSinkForm(sink: NewSink): string {
  return new URLSearchParams({
    Description: sink.description,
    SinkConfiguration: JSON.stringify(sink.configuration),
    SinkType: sink.sinkType,
  }).toString()
}

/** The form of an update: nothing but the description can be changed. */
export function descriptionForm(description: string): string {
  return new URLSearchParams({ Description: description }).toString()
}

export function testIdForm(testId: string): string {
  return new URLSearchParams({ TestId: testId }).toString()
}
