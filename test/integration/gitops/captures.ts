import { readdirSync, readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import { withoutChance } from '../operator/reasons/described.ts'
import type { Stage } from '../operator/stage.ts'
import type { WatchedObject } from './object-watch.ts'
import { CUSTOMIZATIONS, type Kind, type Reading } from './reading.ts'

/** `UPDATE_HEALTH=1` writes the objects that a run has seen, and then the page and the expectations that follow from them. */
export const writesHealth = (): boolean => process.env['UPDATE_HEALTH'] !== undefined

/** A live object that a run of the tests has kept. */
export interface Capture {
  /** Path within the folder of its kind. */
  readonly file: string
  /** Of a Sink the state, of a TwilioAccount the reason of Ready or ChangesHeld; in kebab-case. */
  readonly state: string
  readonly object: WatchedObject
}

export const kebab = (words: string): string => words.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, '-').toLowerCase()

export function capturesOf(kind: Kind): Capture[] {
  const folder = join(CUSTOMIZATIONS, kind)
  return readdirSync(join(folder, 'testdata'))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const file = `testdata/${name}`
      const object = load(readFileSync(join(folder, file), 'utf8')) as WatchedObject
      return { file, state: name.split('.')[0] ?? '', object }
    })
}

/** One file for each state and each word of kstatus. */
export async function keep(
  stage: Stage,
  state: string,
  object: WatchedObject,
  { kstatus }: Reading,
): Promise<void> {
  const name = `${kebab(state)}.${kstatus.status.toLowerCase()}.yaml`
  const { managedFields: _, ...metadata } = object.metadata as WatchedObject['metadata'] & {
    readonly managedFields?: unknown
  }
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration',
  )
  const kept = {
    ...object,
    metadata: {
      ...metadata,
      annotations: annotations.length > 0 ? Object.fromEntries(annotations) : undefined,
    },
  }
  const text = withoutChance(stage, dump(kept, { lineWidth: -1, sortKeys: true, skipInvalid: true }))
  const anyone = text
    .replaceAll(stage.simulator.url, 'https://events.twilio.com')
    .replaceAll(object.metadata.uid, '00000000-0000-0000-0000-000000000000')
    .replace(/resourceVersion: '\d+'/u, "resourceVersion: '1'")
  const file = join(CUSTOMIZATIONS, object.kind, 'testdata', name)
  // Others read the folder at the same time.
  const whole = `${file}.${process.pid}.tmp`
  await writeFile(whole, anyone)
  await rename(whole, file)
}
