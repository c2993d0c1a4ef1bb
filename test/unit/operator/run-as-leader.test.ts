import { describe, expect, it } from 'vitest'
import type { Elector } from '../../../src/leader-election/elector.ts'
import { runAsLeader, type LeaderCallbacks } from '../../../src/operator/leadership.ts'

/** A leader whose reconciles and writes end when the test says so. */
function leading() {
  const loss = new AbortController()
  const stop = new AbortController()
  const did: string[] = []
  const passes = Promise.withResolvers<boolean>()
  const writes = Promise.withResolvers<void>()
  const elector: Elector = {
    campaign: async () => true,
    lost: loss.signal,
    mayMutate: () => true,
    isOverdue: () => false,
    stepDown: async () => void did.push('let go'),
  }
  const work: LeaderCallbacks = {
    run: async (ended) => {
      ended.addEventListener('abort', () => did.push('no new passes'))
      const allEnded = await passes.promise
      did.push('passes ended')
      return allEnded
    },
    endReads: () => void did.push('reads given up'),
    closeTwilio: async () => {
      await writes.promise
      did.push('writes ended')
    },
    flushEvents: async () => void did.push('told the rest'),
  }
  const ended = runAsLeader(elector, work, stop.signal, 50)
  return { ended, did, loss, stop, passes, writes }
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('a leader that is stopped', () => {
  it('lets go when the last pass and the last write have ended, and not before', async () => {
    const { ended, did, stop, passes, writes } = leading()
    stop.abort()
    await turns()
    expect(did, 'nothing that can wait for the next leader keeps it').toEqual([
      'no new passes',
      'reads given up',
    ])
    passes.resolve(true)
    await turns()
    expect(did).not.toContain('let go')
    writes.resolve()
    await ended
    expect(did.slice(-3)).toEqual(['writes ended', 'let go', 'told the rest'])
  })

  it('keeps the lease when a pass does not end: what it does may still be on its way', async () => {
    const { ended, did, stop, passes, writes } = leading()
    stop.abort()
    passes.resolve(false)
    writes.resolve()
    await ended
    expect(did).not.toContain('let go')
  })
})

describe('a leader that loses the lease', () => {
  it('gives reads up at once, waits for a write under way, and says why it ends', async () => {
    const { ended, did, loss, passes, writes } = leading()
    loss.abort('renew-deadline')
    await turns()
    expect(did).toEqual(['no new passes', 'reads given up'])
    writes.resolve()
    passes.resolve(true)
    await expect(ended).rejects.toThrow('--renew-deadline')
  })

  it('ends whatever still runs, and then does not let go', async () => {
    const { ended, did, loss } = leading()
    loss.abort('taken')
    await expect(ended).rejects.toMatchObject({ name: 'LeadershipLost' })
    expect(did).not.toContain('let go')
  })

  it('ends so also while it was stopping', async () => {
    const { ended, loss, stop } = leading()
    stop.abort()
    await turns()
    loss.abort('stalled')
    await expect(ended).rejects.toMatchObject({ name: 'LeadershipLost' })
  })
})
