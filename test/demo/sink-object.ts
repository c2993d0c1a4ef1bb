import { z } from 'zod'

/** What the demo looks at in a Sink, as kubectl prints it. */
export const ShownSink = z.object({
  metadata: z.object({
    name: z.string(),
    generation: z.number(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({ description: z.string() }),
  status: z.object({
    observedGeneration: z.number(),
    sid: z.string().optional(),
    sinkStatus: z.string().optional(),
    conditions: z
      .array(z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }))
      .default([]),
  }),
})
export type ShownSink = z.infer<typeof ShownSink>
export type Condition = ShownSink['status']['conditions'][number]

export function conditionOf(sink: ShownSink | undefined, type: string): Condition | undefined {
  return sink?.status.conditions.find((condition) => condition.type === type)
}

/** Whether the operator has said something about the newest spec. */
export function isShownCurrent({ metadata, status }: ShownSink): boolean {
  return status.observedGeneration === metadata.generation
}

/** One line about a Sink, for people who expected something else. */
export function tellSink(sink: ShownSink | undefined): string {
  if (sink === undefined) return 'no such object'
  const { sid = 'no SID', sinkStatus = 'no status' } = sink.status
  const conditions = sink.status.conditions.map(({ type, status, reason }) => `${type}=${status} (${reason})`)
  return [...conditions, sinkStatus, sid, isShownCurrent(sink) ? '' : 'spec not yet observed']
    .filter(Boolean)
    .join(', ')
}
