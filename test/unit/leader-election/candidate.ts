import { LeaseElector, type Elector } from '../../../src/leader-election/elector.ts'
import type { LeaseTiming } from '../../../src/leader-election/lease.ts'
import type { FakeLease } from './fake-lease.ts'
import { createManualTime } from '../time/manual-time.ts'

/** The defaults. */
export const TIMING: LeaseTiming = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }

/** A process that wants to lead, with clocks of its own that the test moves. */
export interface Candidate {
  readonly elector: Elector
  /** Lets the time go on, and all that is due happen. */
  run(ms: number): Promise<void>
  /** Moves the wall clock alone, back or forth. */
  setWall(by: number): void
  /** As a paused virtual machine: only the wall clock goes on, and nothing runs. */
  pauseMachine(ms: number): void
  /** As SIGSTOP does it, or a busy event loop: both clocks go on, and nothing runs. */
  freeze(ms: number): void
  /** Undefined until the campaign has ended. */
  led(): boolean | undefined
  stop(): void
  readonly told: string[]
}

/** Enough turns for every promise that follows from one event. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

const STEP = 50

export function createCandidate(
  lease: FakeLease,
  { identity = 'me', timing = {} }: { identity?: string; timing?: Partial<LeaseTiming> } = {},
): Candidate {
  const time = createManualTime()
  let wall = 1_000_000
  let skipped = 0
  let ended: boolean | undefined
  const stopping = new AbortController()
  const told: string[] = []
  const elector = new LeaseElector({
    store: lease.store,
    identity,
    timing: { ...TIMING, ...timing },
    clock: { now: () => time.now() + skipped + wall, monotonic: () => time.monotonic() + skipped },
    timers: time,
    random: () => 0,
    observer: {
      waitsFor: (holder) => told.push(`waits for ${holder}`),
      failed: () => told.push('failed'),
      recovered: () => told.push('recovered'),
      slowPath: () => told.push('slow path'),
    },
  })
  const candidate: Candidate = {
    elector,
    run: async (ms) => {
      for (let left = ms; left > 0; left -= STEP) {
        time.advance(Math.min(STEP, left))
        await turns()
      }
    },
    setWall: (by) => void (wall += by),
    pauseMachine: (ms) => void (wall += ms),
    // Timers go by the manual time, which stands still.
    freeze: (ms) => void (skipped += ms),
    led: () => ended,
    stop: () => stopping.abort(),
    told,
  }
  void elector.campaign(stopping.signal).then((leads) => (ended = leads))
  return candidate
}

/** One that leads. */
export async function leader(
  lease: FakeLease,
  options: { identity?: string; timing?: Partial<LeaseTiming> } = {},
): Promise<Candidate> {
  const candidate = createCandidate(lease, options)
  await candidate.run(STEP)
  if (candidate.led() !== true) throw new Error('It does not lead')
  return candidate
}
