import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listSwitches } from './list-switches.ts'
import { refusalSwitches } from './refusal-switches.ts'
import { Settings } from './settings.ts'
import { startSimulator, type Simulator } from './simulator.ts'
import { sinkSwitches } from './sink-switches.ts'
import { openEyes } from './switch-row.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})
beforeEach(() => simulator.admin.reset())
afterAll(() => simulator.stop())

const rows = [...sinkSwitches, ...refusalSwitches, ...listSwitches]

describe('settings', () => {
  test.each(rows)('$set turns what the API does', async ({ set, see, usual, turned }) => {
    expect(await see(openEyes(simulator))).toEqual(usual)
    await simulator.admin.reset()
    await simulator.admin.change(set)
    expect(await see(openEyes(simulator))).toEqual(turned)
  })

  test('each setting has a row here, so none is without effect', () => {
    const tested = new Set(rows.flatMap(({ set }) => Object.keys(set)))
    expect([...tested].toSorted()).toEqual(Object.keys(Settings.shape).toSorted())
  })

  test('a wrong name or value is refused and changes nothing', async () => {
    const before = await simulator.admin.settings()
    await expect(simulator.admin.change({ nonsense: 1 } as object)).rejects.toThrow()
    await expect(simulator.admin.change({ sinkLimit: -1 })).rejects.toThrow()
    expect(await simulator.admin.settings()).toEqual(before)
  })

  test('replacing puts what is not named to its default, changing leaves it', async () => {
    await simulator.admin.change({ sinkLimit: 5 })
    expect((await simulator.admin.change({ latencyMs: 1 })).sinkLimit).toBe(5)
    expect((await simulator.admin.replaceSettings({ latencyMs: 2 })).sinkLimit).toBe(100)
  })
})
