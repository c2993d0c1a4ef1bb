import { setTimeout as sleep } from 'node:timers/promises'
import { createChance, type Chance } from './chance.ts'
import { compare, isClean, type Deletion, type SoakFindings } from './both-sides.ts'
import { readSample, rowOf, type TimedSample, type Sample } from './measures.ts'
import { tellsOf } from './deeds.ts'
import { showEvidence } from './evidence.ts'
import type { Seen } from './desk.ts'
import { gather, type People } from './people.ts'
import { setSoakScene, type SoakScene } from './scene.ts'
import type { SoakOptions } from './soak-options.ts'
import { heading, line, slopeLines } from './table.ts'
import { createTroubles } from './troubles.ts'
import { slopes } from './verdict.ts'

const SAMPLE_EVERY = 1_000
/** Pause between two troubles, milliseconds. */
const CALM = { least: 4_000, most: 14_000 }
/** How long rest may take when everything is repaired. */
const REST_WITHIN = 90_000
const ROW = 60_000
/** Of all actions so many make a sink at least, else the run shows nothing. */
const LEAST_MADE = 0.1
/** A short run has so many rows. */
const SHORT_ROWS = 6

/** Runs the soak and resolves with whether everything was as it must be. Rejects when the scene itself breaks. */
export async function soak(options: SoakOptions, say: (text: string) => void): Promise<boolean> {
  say(`Seed ${options.seed}: ${options.minutes} minutes, ${options.rate} actions a second.`)
  const scene = await setSoakScene(options, say)
  try {
    const people = gather(scene, createChance(options.seed))
    const journal = followJournal(scene)
    const rows = await churn(scene, people, journal, { ...options, say })
    say('Everything is mended; waiting for rest ...')
    await scene.neighbours.leave()
    const findings = await atRest(scene, people, journal)
    if (!isClean(findings)) await showEvidence(scene, people, findings, say)
    say(`${journal.made} sinks made, ${journal.deletions.length} deleted by the operator.`)
    if (options.neighbours > 0)
      say(`${scene.neighbours.refusals()} requests for a Sink that a webhook always refuses.`)
    const churned = journal.made >= options.minutes * 60 * options.rate * LEAST_MADE
    if (!churned) say('The churn stood still: that is too few to show growth.')
    return verdict(rows, findings, say) && churned
  } finally {
    await scene.end()
  }
}

interface Churning extends SoakOptions {
  readonly say: (text: string) => void
}

async function churn(
  scene: SoakScene,
  people: People,
  journal: Journal,
  { minutes, rate, seed, say }: Churning,
): Promise<readonly Sample[]> {
  const began = performance.now()
  const ends = began + minutes * 60_000
  const over = (): boolean => performance.now() >= ends
  const rows: Sample[] = []
  let troubles = 0
  const measuring = (async () => {
    const length = Math.min(ROW, (ends - began) / SHORT_ROWS)
    say(heading())
    while (!over()) {
      const samples = await collect(scene, Math.min(performance.now() + length, ends))
      await journal.read()
      if (samples.length === 0) continue
      const row = rowOf(samples)
      rows.push(row)
      const now = performance.now()
      const progress = { minutes: (now - began) / 60_000, left: Math.max(0, ends - now) / 60_000 }
      const living = (await people.desk.objects().catch(() => [])).length
      say(line(row, { ...progress, actions: people.actions, troubles, living }))
    }
  })()
  const acting = (async () => {
    while (!over()) await Promise.all([people.act(), sleep(1000 / rate)])
  })()
  const breaking = (async () => {
    const chance: Chance = createChance(seed + 1)
    const all = createTroubles(scene, chance)
    while (!over()) {
      await sleep(Math.min(chance.between(CALM.least, CALM.most), Math.max(0, ends - performance.now())))
      if (over()) return
      await all.happen()
      troubles += 1
    }
  })()
  await Promise.all([measuring, acting, breaking])
  return rows
}

async function collect({ metricsUrl, broken }: SoakScene, until: number): Promise<TimedSample[]> {
  const samples: TimedSample[] = []
  while (performance.now() < until) {
    broken.throwIfAborted()
    // A frozen operator does not answer.
    const text = await fetch(metricsUrl, { signal: AbortSignal.timeout(3_000) }).then(
      (answer) => answer.text(),
      () => undefined,
    )
    if (text !== undefined) samples.push(readSample(text, performance.now()))
    await sleep(Math.min(SAMPLE_EVERY, Math.max(0, until - performance.now())))
  }
  return samples
}

interface Journal {
  /** Takes in what Twilio has seen since. */
  read(): Promise<void>
  readonly deletions: readonly Deletion[]
  /** Sinks made by anybody. */
  readonly made: number
}

/** Which sinks the operator has deleted; who they tell of is known since they were made. */
function followJournal({ twilio, accountSid }: SoakScene): Journal {
  const owners = new Map<string, string | undefined>()
  const deletions: Deletion[] = []
  let since = 0
  return {
    deletions,
    get made() {
      return owners.size
    },
    read: async () => {
      for (const entry of await twilio.journal(since)) {
        const { operation, sid, committed, endedAt, description, credential } = entry
        // What is under way is read the next time.
        if (endedAt === null && Date.now() - entry.startedAt < 10_000) return
        since = entry.sequence
        if (sid === null || !committed) continue
        if (operation === 'CreateSink') owners.set(sid, tellsOf(description))
        if (operation === 'DeleteSink' && credential === accountSid)
          deletions.push({ sid, tellsOf: owners.get(sid) })
      }
    },
  }
}

async function atRest(scene: SoakScene, people: People, journal: Journal): Promise<SoakFindings> {
  const ends = performance.now() + REST_WITHIN
  await scene.twilio.clearFaults()
  for (;;) {
    scene.broken.throwIfAborted()
    await people.tidyUp()
    await journal.read()
    const findings = await look(scene, people, journal)
    if (isClean(findings) || performance.now() > ends) return findings
    await sleep(1_000)
  }
}

async function look({ twilio }: SoakScene, people: People, journal: Journal): Promise<SoakFindings> {
  const objects = (await people.desk.objects()).map(seenObject)
  const sinks = (await twilio.sinks()).map(({ sid, description }) => ({ sid, tellsOf: tellsOf(description) }))
  return compare(objects, sinks, journal.deletions, people.desk)
}

const seenObject = ({ metadata, status }: Seen) => ({
  name: metadata.name,
  sid: status.sid,
  ready: status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
  deleting: metadata.deletionTimestamp !== undefined,
})

function verdict(rows: readonly Sample[], findings: SoakFindings, say: (text: string) => void): boolean {
  const found = slopes(rows)
  slopeLines(found).forEach(say)
  for (const [what, names] of Object.entries(findings) as [string, readonly string[]][])
    say(`${what.padEnd(15)} ${names.length}${names.length > 0 ? `: ${names.join('; ')}` : ''}`)
  const good = isClean(findings) && found.every(({ flat }) => flat)
  const growth = found.length === 0 ? 'growth is not judged' : 'nothing grows'
  say(good ? `Good: both sides agree, ${growth}.` : 'NOT good: see above.')
  return good
}
