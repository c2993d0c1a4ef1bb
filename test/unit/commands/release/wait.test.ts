import { describe, expect, test } from 'vitest'
import { waitForOpenCreates, waitObserved } from '../../../../src/commands/release/wait.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../../src/api/group.ts'
import { Sink } from '../../../../src/api/sink.ts'
import { PROTECT_ANNOTATION } from '../../../../src/commands/release/plan.ts'

const LONG_AGO = '2000-01-01T00:00:00Z'
const TO_COME = '2100-01-01T00:00:00Z'
const WITHIN = 10_000

interface Create {
  readonly attempt?: number
  readonly time?: string
  /** The number of the last one that has a known end. */
  readonly ended?: number
  readonly locked?: boolean
  /** Whether an operator has seen it. */
  readonly observed?: boolean
}

function sink({ attempt = 1, time = LONG_AGO, ended, locked, observed = false }: Create): Sink {
  const journal = { uid: 'u', attempt, accountSid: '', key: '', times: [time] }
  const annotations = {
    [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(journal),
    ...(locked === true && { [PROTECT_ANNOTATION]: 'true' }),
  }
  return Sink.parse({
    metadata: {
      ...{ namespace: 'shop', name: 'orders', uid: 'u', resourceVersion: '1', generation: 1, annotations },
      creationTimestamp: LONG_AGO,
    },
    spec: { description: 'Orders', webhook: { destination: 'https://a.example.com' } },
    status: { createAttempt: ended, observedGeneration: observed ? 1 : 0 },
  })
}

/** `later`: what is there once half the time has passed. */
async function waitFor(first: Create, later = first) {
  let now = 0
  const told: string[] = []
  const patience = {
    within: WITHIN,
    monotonic: () => now,
    pause: async (ms: number) => {
      now += ms
    },
  }
  const list = async () => ({ objects: [sink(now < WITHIN / 2 ? first : later)], unreadable: [] })
  const outwaited = await waitForOpenCreates(list, patience, (line) => told.push(line))
  return { outwaited: [...outwaited], passed: now, told: told.length }
}

describe('a create without a known end', () => {
  test.each([LONG_AGO, TO_COME])('is waited for whatever its date says: %s', async (time) => {
    const { outwaited, passed, told } = await waitFor({ time })
    expect(passed).toBeGreaterThanOrEqual(WITHIN)
    expect({ outwaited, told }).toEqual({ outwaited: [`u 1 ${time}`], told: 1 })
  })

  test.each<[string, Create]>([
    ['whose end is recorded meanwhile is waited for no longer', { ended: 1 }],
    ['that is followed by another one has not had its time', { attempt: 2, ended: 1 }],
    ['that is sent again has not had its time', { time: TO_COME }],
  ])('%s', async (_, later) => {
    const { outwaited, passed } = await waitFor({}, later)
    expect(outwaited).toEqual([])
    expect(passed).toBeLessThan(WITHIN)
  })

  test.each<[string, Create]>([
    ['whose end is recorded', { ended: 1 }],
    ['of a protected object', { locked: true }],
  ])('%s costs no time and no word', async (_, create) => {
    expect(await waitFor(create)).toEqual({ outwaited: [], passed: 0, told: 0 })
  })
})

describe('an operator that has to see the suspension', () => {
  const unavailable = new KubernetesFailure('unavailable', 'no answer')

  async function waited(look: (now: number) => readonly Sink[]) {
    let now = 0
    const options = {
      within: WITHIN,
      monotonic: () => now,
      pause: async (ms: number) => {
        now += ms
      },
    }
    const list = async () => ({ objects: look(now), unreadable: [] })
    return { unaware: await waitObserved(list, [sink({})], options), passed: now }
  }

  test('is waited for no longer than it takes', async () => {
    const { unaware, passed } = await waited((now) => [sink({ observed: now >= WITHIN / 2 })])
    expect(unaware).toBe(0)
    expect(passed).toBe(WITHIN / 2)
  })

  test('costs no time when it has seen it, or when the object is gone', async () => {
    expect(await waited(() => [sink({ observed: true })])).toEqual({ unaware: 0, passed: 0 })
    expect(await waited(() => [])).toEqual({ unaware: 0, passed: 0 })
  })

  test('is believed not to run when the time has passed, also when nothing can be listed', async () => {
    expect(await waited(() => [sink({})])).toEqual({ unaware: 1, passed: WITHIN })
    const unlistable = await waited(() => {
      throw unavailable
    })
    expect(unlistable).toEqual({ unaware: 1, passed: WITHIN })
  })
})
