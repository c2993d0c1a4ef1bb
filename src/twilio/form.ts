import type { NewSink } from '../reconciler/ports.ts'

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
