import { conditionOf, isShownCurrent, tellSink, type ShownSink } from './sink-object.ts'
import type { DemoStage } from './stage.ts'
import { existsAtTwilio } from './twilio-library.ts'
import { mustBe, NotAsExpected } from './waiting.ts'

/** Waits until kubectl shows a Sink of which this holds. */
export async function sinkThat(
  { until, kubectl }: DemoStage,
  name: string,
  expected: string,
  holds: (sink: ShownSink) => boolean,
): Promise<ShownSink> {
  const sink = await until({
    expected: `Sink ${name}: ${expected}`,
    look: () => kubectl.sink(name),
    holds: (found) => found !== undefined && holds(found),
    tell: tellSink,
  })
  if (sink === undefined) throw new NotAsExpected(`Sink ${name}`, tellSink(sink))
  return sink
}

/** Waits for this reason of Ready, said about the newest spec; resolves with the SID. */
export async function sidWhen(stage: DemoStage, name: string, reason: string): Promise<string> {
  const sink = await sinkThat(
    stage,
    name,
    `Ready with reason ${reason} and a SID`,
    (found) =>
      isShownCurrent(found) &&
      found.status.sid !== undefined &&
      conditionOf(found, 'Ready')?.reason === reason,
  )
  return sink.status.sid ?? ''
}

export function sidWhenReady(stage: DemoStage, name: string): Promise<string> {
  return sidWhen(stage, name, 'Active')
}

/** Waits until Twilio's description is this text followed by a mark; resolves with the whole. */
export function markedDescription({ until, twilio }: DemoStage, sid: string, text: string): Promise<string> {
  return until({
    expected: `the description "${text} [k8s:…]" of ${sid} at Twilio`,
    look: async () => (await twilio.sinks(sid).fetch()).description,
    holds: (description) => description.startsWith(`${text} [k8s:`) && description.endsWith(']'),
    tell: (description) => `"${description}"`,
  })
}

export async function statusAtTwilio({ twilio }: DemoStage, sid: string, expected: string): Promise<void> {
  mustBe(`status of ${sid} at Twilio`, expected, (await twilio.sinks(sid).fetch()).status)
}

export async function sinksSeenAtTwilio({ twilio }: DemoStage, expected: number): Promise<void> {
  mustBe('number of sinks at Twilio', expected, (await twilio.sinks.list()).length)
}

export async function mustBeGone({ twilio }: DemoStage, sid: string): Promise<void> {
  mustBe(`what Twilio answers for ${sid}`, '404', (await existsAtTwilio(twilio, sid)) ? '200' : '404')
}

export async function objectGone({ until, kubectl }: DemoStage, name: string): Promise<void> {
  await until({
    expected: `no object ${name}`,
    look: () => kubectl.sink(name),
    holds: (sink) => sink === undefined,
    tell: tellSink,
  })
}

export function annotate({ kubectl }: DemoStage, name: string, annotation: string): Promise<void> {
  return kubectl.run('annotate', 'sink', name, '--overwrite', `events.twilio.com/${annotation}`)
}

/** Arguments of `kubectl patch` for a part of a Sink's spec. */
export function specPatch(name: string, spec: unknown): string[] {
  return ['patch', 'sink', name, '--type=merge', '-p', JSON.stringify({ spec })]
}
