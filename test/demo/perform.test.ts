import { describe, expect, it } from 'vitest'
import type { DemoAct } from './act.ts'
import { perform } from './perform.ts'
import type { DemoStage } from './stage.ts'
import { createTimeline } from './timeline.ts'
import { NotAsExpected, untilOrAborted } from './waiting.ts'

const act = (...steps: DemoAct['steps']): DemoAct => ({ title: 'An act', steps })
const passing = (shows: string) => ({ shows, see: async () => '' })
const failing = (shows: string, error: Error) => ({ shows, see: () => Promise.reject(error) })

async function played(acts: readonly DemoAct[], signal = new AbortController().signal) {
  const lines: string[] = []
  const timeline = createTimeline((line) => lines.push(line), performance.now())
  // Acts of this test touch nothing else of a stage.
  const stage = { timeline, operator: { endOfLog: () => 'the last words' } } as DemoStage
  const allSeen = await perform(acts, stage, signal)
  return { allSeen, text: lines.join('\n') }
}

describe('a performance', () => {
  it('ends at the first step that is not seen: later ones build on it', async () => {
    const first = act(passing('one'), failing('two', new NotAsExpected('a swan', 'a duck')), passing('three'))
    const { allSeen, text } = await played([first, act(passing('four'))])
    expect(allSeen).toBe(false)
    expect(text).toContain('✓ one')
    expect(text).toMatch(/✗ two\n\s+expected: a swan\n\s+seen:\s+a duck\n/u)
    expect(text).toContain('the last words')
    expect(text).not.toMatch(/three|four/u)
  })

  it('tells why it was ended, not what broke in consequence', async () => {
    const stop = new AbortController()
    const lost = {
      shows: 'one',
      see: () => {
        stop.abort(new Error('The operator ended'))
        return Promise.reject(new Error('no answer'))
      },
    }
    const { allSeen, text } = await played([act(lost)], stop.signal)
    expect(allSeen).toBe(false)
    expect(text).toContain('The operator ended')
    expect(text).not.toContain('no answer')
  })

  it('does not wait on when it is ended: Ctrl-C must not take until the next timeout', async () => {
    const reason = new Error('ended')
    const stop = new AbortController()
    const waiting = untilOrAborted(stop.signal)({
      expected: 'a swan',
      look: async () => 'a duck',
      holds: (bird) => bird === 'a swan',
      tell: String,
    })
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})
