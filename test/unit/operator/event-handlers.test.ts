import pino from 'pino'
import { expect, it } from 'vitest'
import type { Controllers } from '../../../src/operator/controllers.ts'
import {
  registerEventHandlers,
  reportCompetingInstallations,
  type WatchedObjects,
} from '../../../src/operator/event-handlers.ts'
import { createWorld } from '../reconciler/world.ts'

function setUp() {
  const lines: string[] = []
  const log = pino({ base: null }, { write: (line: string) => lines.push(line) })
  let counted = 0
  const report = reportCompetingInstallations(log, { competingCreate: () => (counted += 1) })
  return { lines, report, counted: () => counted }
}

it('a second operator is told of once, and each of its creates is counted', () => {
  const { lines, report, counted } = setUp()
  for (const name of ['a', 'b', 'c']) report('rival', `shop/${name}`)
  expect([lines.length, counted()]).toEqual([1, 3])
})

it('a namespace that makes up any number of operators keeps nobody from being told of a real one', () => {
  const { lines, report } = setUp()
  for (let number = 0; number < 1_000; number += 1) report(`made-up-${number}`, 'hostile/sink')
  expect(lines.length).toBeLessThanOrEqual(3)
  report('rival', 'shop/orders')
  expect(lines.at(-1)).toContain('"operator":"rival"')
})

it.each([true, false])('an account that is gone is told of, and no other (leading: %s)', (leads) => {
  const listeners: ((change: object) => void)[] = []
  const silent = { onChange: () => undefined, onForeignChange: () => undefined }
  const accounts = { onChange: (listener: (change: object) => void) => listeners.push(listener) }
  const queue = { queue: { add: () => undefined } }
  const gone: string[] = []
  registerEventHandlers(
    createWorld().s,
    { sinks: silent, accounts } as unknown as WatchedObjects,
    { sinks: queue, accounts: queue } as unknown as Controllers,
    { isLeading: () => leads, competitorSeen: () => undefined, accountGone: (name) => gone.push(name) },
  )
  const unreadable = { readable: false, key: 'shop/stays', uid: 'u', problem: '' }
  for (const listener of listeners) {
    listener({ key: 'shop/stays', before: undefined, after: unreadable })
    listener({ key: 'shop/gone', before: unreadable, after: undefined })
  }
  expect(gone).toEqual(['shop/gone'])
})
