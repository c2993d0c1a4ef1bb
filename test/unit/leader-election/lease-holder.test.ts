import { describe, expect, it } from 'vitest'
import { createCandidate, leader, turns, type Candidate } from './candidate.ts'
import { createFakeLease } from './fake-lease.ts'

const lossOf = ({ elector }: Candidate): unknown => (elector.lost.aborted ? elector.lost.reason : undefined)

describe('a leader', () => {
  it('renews every retry period, and keeps since when it leads', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    const acquiredAt = lease.stored?.acquiredAt
    const before = lease.asked.length
    await own.run(60_000)
    expect(lease.asked.slice(before)).toEqual(Array.from({ length: 30 }, () => 'write'))
    expect(lease.stored).toMatchObject({ acquiredAt, transitions: 0 })
    expect(lease.stored?.renewedAt).toBeGreaterThan(acquiredAt ?? 0)
    expect(own.elector.mayMutate()).toBe(true)
  })

  it.each([
    [10_000, 9_000],
    [1_000, 750],
  ])('begins nothing in the last part of a renew deadline of %i ms', async (renewDeadline, until) => {
    const lease = createFakeLease()
    const own = await leader(lease, { timing: { renewDeadline, retryPeriod: renewDeadline / 5 } })
    await own.run(renewDeadline / 5)
    lease.fate = 'refused'
    await own.run(until - 100)
    expect(own.elector.mayMutate()).toBe(true)
    await own.run(150)
    expect(own.elector.mayMutate()).toBe(false)
    expect(lossOf(own)).toBeUndefined()
  })

  it('gives up when the renew deadline is over, whatever its requests do', async () => {
    for (const fate of ['refused', 'lost', 'answer-lost'] as const) {
      const lease = createFakeLease()
      const own = await leader(lease)
      lease.fate = fate
      const before = lease.asked.length
      await own.run(9_900)
      expect(lossOf(own), fate).toBeUndefined()
      await own.run(700)
      expect(lossOf(own), fate).toBe('renew-deadline')
      expect(lease.asked.length - before, 'several fit into the deadline').toBeGreaterThanOrEqual(2)
      lease.fate = 'answered'
      await own.run(60_000)
      expect(own.elector.mayMutate(), 'it never leads again').toBe(false)
    }
  })

  it('counts from when a renewal was sent, not from when it was answered', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    const began = 2_000
    const answer = Promise.withResolvers<void>()
    lease.before = () => answer.promise
    await own.run(began + 3_000)
    lease.before = () => undefined
    lease.fate = 'refused'
    answer.resolve()
    await own.run(began + 9_000 - 5_000 - 100)
    expect(own.elector.mayMutate()).toBe(true)
    await own.run(250)
    expect(own.elector.mayMutate()).toBe(false)
  })

  it('knows at once after a pause of the machine, which stops its monotonic clock', async () => {
    const own = await leader(createFakeLease())
    own.pauseMachine(9_500)
    expect(own.elector.mayMutate()).toBe(false)
    own.pauseMachine(1_000)
    await own.run(500)
    expect(lossOf(own)).toBe('renew-deadline')
  })

  it('knows at once after SIGSTOP and SIGCONT', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    own.freeze(60_000)
    expect(own.elector.mayMutate()).toBe(false)
    const before = lease.asked.length
    await own.run(2_500)
    expect(lossOf(own)).toBe('renew-deadline')
    expect(lease.asked.length, 'a lease that is over is not renewed').toBe(before)
  })

  it('ends needlessly, but sends nothing, when its wall clock is set forward', async () => {
    const own = await leader(createFakeLease())
    own.setWall(3_600_000)
    expect(own.elector.mayMutate()).toBe(false)
    await own.run(500)
    expect(lossOf(own)).toBe('renew-deadline')
  })

  it('gains nothing when its wall clock is set back', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.fate = 'refused'
    own.setWall(-3_600_000)
    await own.run(9_200)
    expect(own.elector.mayMutate()).toBe(false)
    await own.run(1_500)
    expect(lossOf(own)).toBe('renew-deadline')
  })

  it('ends by itself when its event loop stood still for more than half of the deadline', async () => {
    const own = await leader(createFakeLease())
    own.freeze(5_600)
    expect(own.elector.mayMutate(), 'before any timer has fired').toBe(false)
    await own.run(600)
    expect(lossOf(own)).toBe('stalled')
  })

  it('goes on after a shorter one', async () => {
    const own = await leader(createFakeLease())
    for (let times = 0; times < 20; times += 1) {
      own.freeze(4_900)
      await own.run(2_100)
    }
    expect(lossOf(own)).toBeUndefined()
    expect(own.elector.mayMutate()).toBe(true)
  })

  it('reads a lease anew that somebody has changed, and goes on while it is its own', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.change({})
    const before = lease.asked.length
    await own.run(2_100)
    expect(lease.asked.slice(before)).toEqual(['write', 'read', 'write'])
    expect(own.told).toEqual(['slow path'])
    await own.run(60_000)
    expect(own.elector.mayMutate()).toBe(true)
    expect(own.told).toEqual(['slow path'])
  })

  it('goes on after a renewal that was stored and not answered', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.fates.push('answer-lost')
    await own.run(60_000)
    expect(own.elector.mayMutate()).toBe(true)
    expect(own.told).toEqual(['failed', 'recovered', 'slow path'])
  })

  it.each([
    ['another holds it', 'other'],
    ['somebody has emptied it, who wants another to lead', ''],
  ])('ends at once when the lease says that %s', async (_, holder) => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.change({ holder })
    await own.run(2_100)
    expect(lossOf(own)).toBe('taken')
    expect(own.elector.mayMutate()).toBe(false)
    expect(lease.stored?.holder).toBe(holder)
  })

  it('makes a lease again that was deleted', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.remove()
    await own.run(2_100)
    expect(lease.stored?.holder).toBe('me')
    expect(own.elector.mayMutate()).toBe(true)
  })

  it('is overdue when it is still there long after its lease, also after it has lost it', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    await own.run(30_000)
    expect(own.elector.isOverdue()).toBe(false)
    lease.fate = 'lost'
    await own.run(13_000)
    expect(own.elector.isOverdue()).toBe(false)
    await own.run(3_000)
    expect(own.elector.isOverdue()).toBe(true)
  })
})

describe('letting go', () => {
  it('empties the lease, so that another begins at once', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    await own.elector.stepDown()
    expect(own.elector.mayMutate()).toBe(false)
    expect(lossOf(own)).toBeUndefined()
    expect(lease.stored).toMatchObject({ holder: '', durationSeconds: 1 })
    await leader(lease, { identity: 'other' })
    const asked = lease.asked.length
    await own.run(60_000)
    expect(lease.asked.length, 'nothing is renewed afterwards').toBe(asked)
  })

  it.each(['first', 'last'])('is not undone by a renewal under way that is processed %s', async (order) => {
    const lease = createFakeLease()
    const own = await leader(lease)
    const renewal = Promise.withResolvers<void>()
    lease.before = () => renewal.promise
    await own.run(2_000)
    if (order === 'last') lease.before = () => undefined
    const released = own.elector.stepDown()
    if (order === 'last') await released
    lease.before = () => undefined
    renewal.resolve()
    await released
    await own.run(10_000)
    expect(lease.stored?.holder).toBe('')
    expect(lossOf(own)).toBeUndefined()
  })

  it('finds its lease again when a renewal was stored and not answered', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.fates.push('answer-lost')
    await own.run(5_500)
    await own.elector.stepDown()
    expect(lease.stored?.holder).toBe('')
  })

  it('leaves the lease of another alone', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.change({ holder: 'other' })
    await own.elector.stepDown()
    expect(lease.stored?.holder).toBe('other')
  })

  it('ends also when nothing is answered', async () => {
    const lease = createFakeLease()
    const own = await leader(lease)
    lease.fate = 'lost'
    let ended = false
    void own.elector.stepDown().then(() => (ended = true))
    await own.run(8_000)
    expect(ended).toBe(true)
  })

  it('is nothing for one that never led', async () => {
    const lease = createFakeLease()
    await leader(lease)
    const standby = createCandidate(lease, { identity: 'standby' })
    await standby.run(3_000)
    await standby.elector.stepDown()
    await turns()
    expect(lease.stored?.holder).toBe('me')
  })
})
