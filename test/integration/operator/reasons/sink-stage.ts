import type { SinkObject } from '../../../rigs/sink-object.ts'
import { markedDescription, ownerOf } from '../../../../src/external/ownership-mark.ts'
import { recorded } from '../../gitops/recorded.ts'
import { ready, setStage, sink, type Stage, type StageOptions } from '../stage.ts'

export const STAGE_INSTALLATION = 'reasons'

/** A stage with one Sink that no trouble of the others may touch. */
export interface SinkStage extends Stage {
  /** Makes the Sink and waits until it is Ready. */
  make(name: string, spec?: Readonly<Record<string, unknown>>): Promise<SinkObject>
  sidOf(name: string): Promise<string>
  /** What somebody else does to the sink of an object at Twilio. */
  changeAtTwilio(
    name: string,
    change: Parameters<Stage['simulator']['admin']['changeSink']>[1],
  ): Promise<unknown>
  /** A description with the mark that the operator would write. */
  marked(name: string, number: number, installation?: string): string
  startDeleting(name: string): Promise<unknown>
  /** The Sink beside all others, when the stage was set and now. */
  bystander(): Promise<{ readonly before: string; readonly now: string | undefined }>
}

export async function setSinkStage(options: StageOptions): Promise<SinkStage> {
  // A call that was late is told of by Sinks that this test says nothing of.
  const calls = { 'call-timeout': '2s', 'settle-time': '4s' }
  const flags = { 'installation-id': STAGE_INSTALLATION, ...calls, ...options.flags }
  const stage = await recorded(await setStage({ ...options, flags }))
  const make = async (name: string, spec?: Readonly<Record<string, unknown>>): Promise<SinkObject> => {
    await stage.apply(sink(name, spec))
    return ready(stage, name)
  }
  const { resourceVersion: before } = (await make('bystander')).metadata
  return {
    ...stage,
    make,
    sidOf: async (name) => (await ready(stage, name)).status.sid ?? '',
    changeAtTwilio: async (name, change) =>
      stage.simulator.admin.changeSink((await stage.get('sinks', name))?.status.sid ?? '', change),
    marked: (name, number, installation = STAGE_INSTALLATION) =>
      markedDescription(`Events for ${name}`, {
        ...ownerOf(installation, `${stage.namespace}/${name}`),
        number,
      }),
    startDeleting: (name) => stage.kubectl(['delete', 'sink', name, '--wait=false']),
    bystander: async () => ({
      before,
      now: (await stage.get('sinks', 'bystander'))?.metadata.resourceVersion,
    }),
  }
}

export const url = (name: string): string => `https://${name}.example.com/events`

/** The command that changes the spec. */
export const patch = (name: string, spec: unknown): string =>
  `kubectl patch sink ${name} --type=merge -p '${JSON.stringify({ spec })}'`
