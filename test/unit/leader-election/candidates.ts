import type { Cancel, Clock, Timers } from '../../../src/time/clock.ts'
import { LeaseElector, type Elector } from '../../../src/leader-election/elector.ts'
import type { LeaseStore, LeaseTiming } from '../../../src/leader-election/lease.ts'
import { turns } from './candidate.ts'
import { createFakeLease } from './fake-lease.ts'

/** What may befall one of the processes. Times in milliseconds. */
export type Trouble =
  | { readonly kind: 'freeze' | 'cut-off' | 'lose-answers' | 'slow'; readonly ms: number }
  | { readonly kind: 'wall-clock'; readonly by: number }
  | { readonly kind: 'paused-machine'; readonly ms: number }
  | { readonly kind: 'killed' | 'stopped' }
  | { readonly kind: 'edited' }

export interface Strike {
  /** Since the strike before it. */
  readonly after: number
  readonly whom: number
  readonly trouble: Trouble
}

export interface RaceOptions {
  readonly timing: LeaseTiming
  /** How fast each process's clocks run, against true time. */
  readonly rates: readonly number[]
  readonly strikes: readonly Strike[]
  /** In [0, 1), for delays. */
  readonly random: () => number
}

export interface Race {
  /** True times at which more than one might have changed something. */
  readonly clashes: readonly number[]
  /** How many terms of leadership there were. */
  readonly terms: number
  /** How many lead after a long time without trouble. */
  readonly leadersAtTheEnd: number
}

interface Happening {
  readonly at: number
  readonly process: Process | undefined
  readonly run: () => void
}

interface Process {
  readonly rate: number
  alive: boolean
  frozenUntil: number
  /** When its wall clock was last set back. */
  setBackAt: number
  cutOffUntil: number
  losesAnswersUntil: number
  slowUntil: number
  wall: number
  /** By how much its monotonic clock is behind true time, from pauses of the machine. */
  missed: number
  elector: Elector | undefined
}

const healthy = (rate: number, wall: number): Process => ({
  rate,
  alive: true,
  frozenUntil: 0,
  setBackAt: Number.NEGATIVE_INFINITY,
  cutOffUntil: 0,
  losesAnswersUntil: 0,
  slowUntil: 0,
  wall,
  missed: 0,
  elector: undefined,
})

/** Longer than any one answer of the API server takes that still counts. */
const LONGEST_DELAY = 40
const SLOW = 6_000
const BEGIN_AGAIN = 700
/** A stretch of the cautious clock, which is closed at the next heartbeat, and some more. */
const TOGETHER = 1_000

/**
 * Processes at one lease, each with clocks, delays and troubles of its own, in the order of true time. One that loses
 * or ends is started again a little later.
 */
export async function race({ timing, rates, strikes, random }: RaceOptions): Promise<Race> {
  const lease = createFakeLease()
  const agenda: Happening[] = []
  const clashes: number[] = []
  let now = 0
  let terms = 0
  let started = 0

  const plan = (ms: number, run: () => void, process?: Process): Happening => {
    const happening = { at: now + ms, process, run }
    agenda.push(happening)
    return happening
  }

  const storeOf = (process: Process): LeaseStore => {
    const delay = (): number => random() * LONGEST_DELAY + (process.slowUntil > now ? random() * SLOW : 0)
    const send = <T>(request: () => Promise<T>): Promise<T> =>
      new Promise((resolve) => {
        if (process.cutOffUntil > now) return
        plan(delay(), () => {
          void request().then((answer) => {
            if (process.losesAnswersUntil > now || process.cutOffUntil > now) return
            plan(delay(), () => resolve(answer), process)
          })
        })
      })
    return {
      read: () => send(() => lease.store.read()),
      write: (record, version) => send(() => lease.store.write(record, version)),
      watch: () => undefined,
    }
  }

  const start = (rate: number): Process => {
    const clock: Clock = {
      now: () => process.wall + now * rate,
      monotonic: () => (now - process.missed) * rate,
    }
    const timers: Timers = {
      after: (ms, callback): Cancel => {
        const happening = plan(ms / rate, callback, process)
        return () => {
          const index = agenda.indexOf(happening)
          if (index >= 0) agenda.splice(index, 1)
        }
      },
    }
    const process = healthy(rate, 1_000_000 * random())
    const store = storeOf(process)
    const identity = `process-${(started += 1)}`
    const elector = new LeaseElector({ store, identity, timing, clock, timers, random })
    process.elector = elector
    void elector.campaign(new AbortController().signal).then((leads) => {
      if (leads) terms += 1
    })
    elector.lost.addEventListener('abort', () => replace(process))
    return process
  }

  const processes: Process[] = []
  const replace = (process: Process): void => {
    if (!process.alive) return
    process.alive = false
    plan(BEGIN_AGAIN, () => {
      processes[processes.indexOf(process)] = start(process.rate)
    })
  }

  const strike = ({ whom, trouble }: Strike): void => {
    const process = processes[whom % processes.length]
    if (process === undefined || !process.alive) return
    switch (trouble.kind) {
      case 'freeze':
        process.frozenUntil = Math.max(process.frozenUntil, now + trouble.ms)
        break
      case 'paused-machine':
        // A machine is paused once at a time: else its clock would go back.
        if (process.setBackAt > now - TOGETHER || process.frozenUntil > now) break
        process.frozenUntil = now + trouble.ms
        process.missed += trouble.ms
        break
      case 'cut-off':
        process.cutOffUntil = now + trouble.ms
        break
      case 'lose-answers':
        process.losesAnswersUntil = now + trouble.ms
        break
      case 'slow':
        process.slowUntil = now + trouble.ms
        break
      case 'wall-clock':
        // Set back together with a pause, before or after it, it deceives both clocks at once: the one thing not covered.
        if (process.frozenUntil >= now - TOGETHER) break
        process.wall += trouble.by
        if (trouble.by < 0) process.setBackAt = now
        break
      case 'killed':
        replace(process)
        break
      case 'stopped':
        void process.elector?.stepDown().then(() => replace(process))
        break
      case 'edited':
        lease.change({})
        break
    }
  }

  const leaders = (): Process[] =>
    processes.filter(
      ({ alive, frozenUntil, elector }) => alive && frozenUntil <= now && elector?.mayMutate() === true,
    )

  const goOn = async (until: number): Promise<void> => {
    for (;;) {
      let next: Happening | undefined
      for (const one of agenda) if (next === undefined || one.at < next.at) next = one
      if (next === undefined || next.at > until) break
      agenda.splice(agenda.indexOf(next), 1)
      now = Math.max(now, next.at)
      const { process } = next
      if (process !== undefined && !process.alive) continue
      if (process !== undefined && process.frozenUntil > now) {
        agenda.push({ ...next, at: process.frozenUntil })
        continue
      }
      // Asked first: what a frozen process does when it goes on must be safe before anything has told it.
      if (leaders().length > 1) clashes.push(now)
      next.run()
      await turns()
      if (leaders().length > 1) clashes.push(now)
    }
    now = until
  }

  for (const rate of rates) processes.push(start(rate))
  for (const one of strikes) {
    await goOn(now + one.after)
    strike(one)
    await turns()
  }
  // All trouble is over by then, and every lease of somebody dead has run out.
  await goOn(now + 60_000 + 4 * timing.leaseDuration)
  return { clashes, terms, leadersAtTheEnd: leaders().length }
}
