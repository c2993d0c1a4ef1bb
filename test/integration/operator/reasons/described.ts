import type { Stage } from '../stage.ts'
import { PAGE_NAMESPACE } from './command.ts'

/** What `kubectl describe` says of the state of an object, the same in every run. */
export interface Described {
  readonly conditions: string
  readonly events: string
}

export function partsOfDescribe(stage: Stage, description: string): Described {
  const text = withoutChance(stage, description)
  const events = text.indexOf('\nEvents:')
  const conditions = text.slice(text.indexOf('  Conditions:'), events).replace(/\n {2}(?! )[^]*$/u, '')
  return { conditions: conditions.trimEnd(), events: text.slice(events).trim() }
}

/** The reason under a condition type; undefined: there is no such condition. */
export const reasonOf = ({ conditions }: Described, type: string): string | undefined =>
  new RegExp(` Reason: +(\\w+)\\n +Status: +\\w+\\n +Type: +${type}\\n`, 'u').exec(`${conditions}\n`)?.[1]

/** Names, SIDs, times and ages differ from run to run, and the intervals here are shorter than those of the default. */
export const withoutChance = (stage: Stage, text: string): string =>
  text
    .replaceAll(stage.namespace, PAGE_NAMESPACE)
    .replaceAll(/\b(DG|DF|AC|SK)[0-9a-f]{32}\b/gu, '$1…')
    .replaceAll(/(\[k8s:[a-z2-7]{6}\/)[a-z2-7]{12}(\/\d+\])/gu, '$1…$2')
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:]+Z/gu, '2026-11-24T10:00:00Z')
    .replaceAll(/^( +\w+ +\w+ +)\S+(?: \(x\d+ over \S+\))? +(events\.twilio)/gmu, '$1…  $2')
    .replaceAll(/\bevery \d+ s\b/gu, 'every 15 s')
    .replaceAll(/\bwithin \d+ s\b/gu, 'within 300 s')
    .replaceAll(/\bthree polls \(\d+ s\)/gu, 'three polls (900 s)')
    .replaceAll(/ +$/gmu, '')
