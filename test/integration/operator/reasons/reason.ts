import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { condition, until, type SinkObject, type Stage } from '../stage.ts'

/** One condition reason: how it comes, what a person sees, and what mends it. */
export interface Reason {
  readonly type: string
  readonly reason: string
  readonly kind: 'sinks' | 'twilioaccounts'
  /** Name of the object. */
  readonly name: string
  /** One sentence for the page: when it is given. */
  readonly when: string
  /** What mends it, as a person would write it; `#` begins what is done elsewhere. */
  readonly mend: readonly string[]
  provoke(stage: Stage): Promise<unknown>
  /** Runs what `mend` says where that is not kubectl alone. */
  mendElsewhere?(stage: Stage): Promise<unknown>
  /** Default: Ready is True, or for other types: the condition is gone. */
  healed?(object: SinkObject | undefined): boolean
}

const PAGES = 'docs/conditions'
const KINDS = { sinks: 'Sink', twilioaccounts: 'TwilioAccount' } as const
const within = 25_000

export async function showAndMend(stage: Stage, one: Reason): Promise<void> {
  await one.provoke(stage)
  const seen = await until(
    `${one.type} with ${one.reason} on ${one.name}`,
    async () => {
      const object = await stage.get<SinkObject>(one.kind, one.name)
      return condition(object, one.type)?.reason === one.reason && object
    },
    within,
  )
  expect(condition(seen, one.type)?.message.length ?? 0).toBeGreaterThan(20)
  const description = await stage.kubectl(['describe', one.kind, one.name])
  await page(stage, one, description)
  for (const line of one.mend) if (line.startsWith('kubectl ')) await run(stage, line)
  await one.mendElsewhere?.(stage)
  await until(
    `${one.name} is healed of ${one.type}/${one.reason}`,
    async () => {
      const object = await stage.get<SinkObject>(one.kind, one.name)
      return (one.healed ?? healed(one.type))(object)
    },
    within,
  )
}

const healed =
  (type: string) =>
  (object: SinkObject | undefined): boolean =>
    type === 'Ready' ? condition(object, 'Ready')?.status === 'True' : condition(object, type) === undefined

/** Runs the command as it stands on the page, through a shell's rules for single quotes. */
async function run(stage: Stage, line: string): Promise<void> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  await stage.kubectl(words.slice(1).map((word) => word.replaceAll('NAMESPACE', stage.namespace)))
}

/** The page of a reason is written by the run that provokes it (UPDATE_DOCS=1), else it must exist and say the same. */
async function page(stage: Stage, one: Reason, description: string): Promise<void> {
  const file = join(PAGES, `${KINDS[one.kind]}-${one.type}-${one.reason}.md`)
  const text = render(one, excerpt(stage, description))
  if (process.env['UPDATE_DOCS'] !== undefined) {
    await mkdir(PAGES, { recursive: true })
    await writeFile(file, text)
  }
  expect(existsSync(file), `${file} is missing: UPDATE_DOCS=1 writes it`).toBe(true)
  const known = await readFile(file, 'utf8')
  expect(known).toContain(`Reason:`)
  expect(withoutExcerpt(known)).toBe(withoutExcerpt(text))
}

function render({ kind, type, reason, when, mend }: Reason, shown: string): string {
  return [
    `# ${KINDS[kind]}, ${type}: ${reason}`,
    '',
    when,
    '',
    'What `kubectl describe` shows (captured by the test that provokes it):',
    '',
    '```',
    shown,
    '```',
    '',
    'What mends it (run by the same test, which then sees the object heal):',
    '',
    '```sh',
    ...mend,
    '```',
    '',
  ].join('\n')
}

const withoutExcerpt = (text: string): string => text.replace(/```\n[^]*?\n```/u, '')

/** The conditions and the events, with whatever differs from run to run replaced. */
function excerpt(stage: Stage, description: string): string {
  const from = description.indexOf('  Conditions:')
  const events = description.indexOf('\nEvents:')
  const conditions = description.slice(from, events).replace(/\n {2}(?! )[^]*$/u, '')
  return `${conditions.trimEnd()}${description.slice(events).trimEnd()}`
    .replaceAll(stage.namespace, 'shop')
    .replaceAll(stage.accountSid, `AC${'0'.repeat(32)}`)
    .replaceAll(/\b(DG|DF|AC|SK)[0-9a-f]{32}\b/gu, '$1…')
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:]+Z/gu, '2026-11-24T10:00:00Z')
    .replaceAll(/^( +\w+ +\w+ +)\S+( \(x\d+ over \S+\))?( +events\.twilio)/gmu, '$1…$3')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
