import type { Metadata } from '../../api/parse.ts'
import type { Sink } from '../../api/sink.ts'
import { keyOf, type Plan } from './plan.ts'

/** One object, or an account at Twilio, in the table that is printed at the end. */
export interface ReleaseRow {
  readonly object: string
  readonly sid: string
  readonly outcome: string
  /** False: it is still there, or may have left something behind, and somebody has to do something. */
  readonly released: boolean
}

/** `done`: whether it has happened, or is only planned. */
export function rowOf(sink: Sink, plan: Plan, done: boolean): ReleaseRow {
  const object = keyOf(sink)
  switch (plan.kind) {
    case 'unmark': {
      const outcome = `stays, mark ${done ? 'removed' : 'to be removed'}`
      return { object, sid: plan.sid, outcome, released: true }
    }
    case 'leave':
      return { object, sid: plan.sid, outcome: `stays as it is: ${plan.because}`, released: true }
    case 'nothing':
      return { object, sid: '-', outcome: `no sink: ${plan.because}`, released: true }
    case 'keep':
      return notReleased(object, plan.because, sink.status.sid)
  }
}

export function notReleased(object: string, because: string, sid = '-'): ReleaseRow {
  return { object, sid, outcome: `NOT RELEASED: ${because}`, released: false }
}

/** Of what is left at Twilio when the objects are gone. */
export const notCertain = (object: string, because: string, sid = '-'): ReleaseRow => ({
  object,
  sid,
  outcome: `NOT CERTAIN: ${because}`,
  released: false,
})

/** Columns wide enough for what is in them, two blanks apart; no line ends with blanks. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** What those who apply objects leave on them. */
const TRACES: readonly (readonly [where: 'labels' | 'annotations', key: string, who: string])[] = [
  ['labels', 'argocd.argoproj.io/instance', 'Argo CD'],
  ['labels', 'kustomize.toolkit.fluxcd.io/name', 'the Flux Kustomization'],
  ['labels', 'helm.toolkit.fluxcd.io/name', 'the Flux HelmRelease'],
  ['annotations', 'argocd.argoproj.io/tracking-id', 'Argo CD'],
  ['annotations', 'meta.helm.sh/release-name', 'the Helm release'],
]

/** Who applies the object and would bring it back, for people; undefined: nobody that leaves a trace. */
export function managedBy(metadata: Pick<Metadata, 'labels' | 'annotations'>): string | undefined {
  for (const [where, key, who] of TRACES) {
    const trace = metadata[where][key]
    if (trace !== undefined) return `${who} ${visible(trace)}`
  }
  return undefined
}

const LONGEST = 100

/** It is printed on a terminal, which obeys control characters; an annotation can hold any. */
const visible = (text: string): string => text.slice(0, LONGEST).replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
