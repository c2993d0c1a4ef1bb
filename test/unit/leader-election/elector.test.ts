import { describe, expect, it } from 'vitest'
import { createCandidate, leader, turns } from './candidate.ts'
import { createFakeLease, type FakeLease } from './fake-lease.ts'

const held = (by: Partial<FakeLease['stored']> = {}): FakeLease => {
  const lease = createFakeLease()
  lease.change({ holder: 'other', durationSeconds: 15, transitions: 3, ...by })
  return lease
}

describe('a candidate', () => {
  it('makes a lease where there is none, with the fields that others expect', async () => {
    const lease = createFakeLease()
    await leader(lease, { timing: { leaseDuration: 15_500, renewDeadline: 10_000 } })
    expect(lease.stored).toMatchObject({ holder: 'me', durationSeconds: 16, transitions: 0 })
    expect(lease.stored?.acquiredAt).toBe(lease.stored?.renewedAt)
  })

  it('takes one that nobody holds at once, and counts the change', async () => {
    const lease = held({ holder: '', durationSeconds: 1 })
    await leader(lease)
    expect(lease.stored).toMatchObject({ holder: 'me', transitions: 4 })
  })

  it('waits until a lease has not changed before its own eyes for its duration', async () => {
    const candidate = createCandidate(held())
    await candidate.run(14_900)
    expect(candidate.led()).toBeUndefined()
    expect(candidate.told).toEqual(['waits for other'])
    await candidate.run(300)
    expect(candidate.led()).toBe(true)
  })

  it('begins to wait anew with every change', async () => {
    const lease = held()
    const candidate = createCandidate(lease)
    for (let renewals = 0; renewals < 5; renewals += 1) {
      await candidate.run(10_000)
      lease.change({ renewedAt: renewals })
    }
    await candidate.run(14_000)
    expect(candidate.led()).toBeUndefined()
    await candidate.run(4_000)
    expect(candidate.led()).toBe(true)
  })

  it.each([
    ['the holder', 40, 15_000, 40_000],
    ['itself', 5, 15_000, 15_000],
  ])('waits for the longer duration, which %s has', async (_, durationSeconds, leaseDuration, wait) => {
    const candidate = createCandidate(held({ durationSeconds }), { timing: { leaseDuration } })
    await candidate.run(wait - 200)
    expect(candidate.led()).toBeUndefined()
    await candidate.run(400)
    expect(candidate.led()).toBe(true)
  })

  it('does not wait shorter because its wall clock was set forward or its machine paused', async () => {
    const candidate = createCandidate(held())
    await candidate.run(5_000)
    candidate.setWall(3_600_000)
    candidate.pauseMachine(60_000)
    await candidate.run(9_500)
    expect(candidate.led()).toBeUndefined()
  })

  it('reads again after a pause before it believes that nothing has changed', async () => {
    const lease = held()
    const candidate = createCandidate(lease)
    await candidate.run(1_000)
    candidate.freeze(60_000)
    lease.change({ renewedAt: 1 })
    await candidate.run(10_000)
    expect(candidate.led()).toBeUndefined()
  })

  it('waits for the holder of a lease that was deleted, who does not know it yet', async () => {
    const lease = held()
    const candidate = createCandidate(lease)
    await candidate.run(5_000)
    lease.remove()
    await candidate.run(14_000)
    expect(candidate.led()).toBeUndefined()
    await candidate.run(4_000)
    expect(candidate.led()).toBe(true)
  })

  it('leaves the lease to whoever was faster, and waits for them', async () => {
    const lease = createFakeLease()
    lease.before = (kind) => {
      if (kind === 'write' && lease.stored === undefined) lease.change({ holder: 'other' })
    }
    const candidate = createCandidate(lease)
    await candidate.run(10_000)
    expect(candidate.led()).toBeUndefined()
    expect(lease.stored).toMatchObject({ holder: 'other' })
  })

  it('leads by its own write although its answer was lost', async () => {
    const lease = createFakeLease()
    lease.fates.push('answered', 'answer-lost')
    const candidate = createCandidate(lease)
    await candidate.run(8_000)
    expect(candidate.led()).toBe(true)
    expect(lease.stored).toMatchObject({ holder: 'me', transitions: 0 })
  })

  it('does not lead by an answer that came when the renew deadline was over', async () => {
    const lease = createFakeLease()
    lease.before = (kind) => {
      if (kind === 'write' && lease.asked.length === 2) candidate.freeze(12_000)
    }
    const candidate = createCandidate(lease)
    await turns()
    expect(lease.stored?.holder).toBe('me')
    expect(candidate.elector.mayMutate()).toBe(false)
    expect(candidate.led()).toBeUndefined()
    await candidate.run(100)
    expect(candidate.led()).toBe(true)
  })

  it('looks at once when the watch tells of a change', async () => {
    const lease = held()
    const candidate = createCandidate(lease)
    await candidate.run(200)
    lease.change({ holder: '' })
    lease.tell()
    await turns()
    expect(candidate.led()).toBe(true)
  })

  it('tries on while the API server does not answer, and says so once', async () => {
    const lease = createFakeLease()
    lease.fate = 'refused'
    const candidate = createCandidate(lease)
    await candidate.run(60_000)
    lease.fate = 'answered'
    await candidate.run(2_500)
    expect(candidate.led()).toBe(true)
    expect(candidate.told).toEqual(['failed', 'recovered'])
  })

  it('stops without a write when it is asked to', async () => {
    const lease = held()
    const candidate = createCandidate(lease)
    await candidate.run(1_000)
    candidate.stop()
    await turns()
    expect(candidate.led()).toBe(false)
    await candidate.elector.stepDown()
    expect(lease.asked).not.toContain('write')
  })

  it('is no successor of a process of the same pod that did not let go', async () => {
    const lease = createFakeLease()
    await leader(lease, { identity: 'pod_1' })
    const again = createCandidate(lease, { identity: 'pod_2' })
    await again.run(14_000)
    expect(again.led()).toBeUndefined()
  })
})
