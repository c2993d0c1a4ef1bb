import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dump, load } from 'js-yaml'
import { beforeAll, describe, expect, it } from 'vitest'
import { capturesOf, kebab, writesHealth } from './captures.ts'
import { ask, whyNoHealthReaders } from './health-readers.ts'
import { ACCOUNT_STATES, HEALTH_PAGE, healthPage, sinkStates, type Read } from './health-page.ts'
import { CUSTOMIZATIONS, isLeaving, KINDS, readAll, type Kind } from './reading.ts'
import { untruths } from './truths.ts'

const ACTIONS = `${CUSTOMIZATIONS}/Sink/actions`
const yaml = (file: string): unknown => load(readFileSync(file, 'utf8'))

/** Equal to what is there, or written: `UPDATE_HEALTH=1`. */
async function expectFile(file: string, text: string): Promise<void> {
  if (writesHealth()) await writeFile(file, text)
  expect(readFileSync(file, 'utf8')).toBe(text)
}

if (whyNoHealthReaders !== undefined) console.warn(`No health rule is tested. ${whyNoHealthReaders}`)

describe.skipIf(whyNoHealthReaders !== undefined)('the health of captured objects', () => {
  const reads: Record<Kind, Read[]> = { Sink: [], TwilioAccount: [] }
  beforeAll(async () => {
    for (const kind of KINDS) {
      const captures = capturesOf(kind)
      const readings = await readAll(captures.map(({ object }) => object))
      reads[kind] = captures.map((capture, index) => ({ ...capture, reading: readings[index]! }))
    }
  })

  it('is known for each state of both tables, and for whatever an account says', () => {
    const captured = (kind: Kind) => reads[kind].map(({ state }) => state)
    expect(sinkStates()).toHaveLength(40)
    expect(
      sinkStates()
        .map(kebab)
        .filter((state) => !captured('Sink').includes(state)),
    ).toEqual([])
    expect(ACCOUNT_STATES.map(kebab).filter((state) => !captured('TwilioAccount').includes(state))).toEqual(
      [],
    )
  })

  it.each(KINDS)('follows the same truths as that of any live %s', (kind) => {
    for (const { object, reading, file } of reads[kind]) expect(untruths(object, reading), file).toEqual([])
  })

  it.each([
    ['that Ready=False is called Degraded', 'health("Progressing", why', 'health("Degraded", why'],
    ['that Argo CD takes an old generation for new', '~= obj.metadata.generation', '== nil'],
    ['that Argo CD passes by a suspension', 'obj.spec.suspend == true', 'false'],
    ['that Argo CD passes by Stalled', 'stalled.status == "True"', 'false'],
    ['that Flux passes by Stalled', "c.type == 'Stalled'", "c.type == 'Stale'"],
    ['that Flux takes an old Ready for new', 'c.observedGeneration == metadata.generation', 'true'],
  ])('would show %s', async (_, sound, spoilt) => {
    const all = KINDS.flatMap((kind) => reads[kind])
    const spoil = (rules: string) => rules.replaceAll(sound, spoilt)
    const readings = await readAll(
      all.map(({ object }) => object),
      spoil,
    )
    expect(all.flatMap(({ object }, index) => untruths(object, readings[index]!))).not.toEqual([])
  })

  it.each(KINDS)('is what health_test.yaml of %s says, in the form of the tests of Argo CD', async (kind) => {
    const tests = reads[kind]
      .filter(({ object }) => !isLeaving(object))
      .map(({ file, reading }) => ({ inputPath: file, healthStatus: reading.argo }))
    await expectFile(`${CUSTOMIZATIONS}/${kind}/health_test.yaml`, dump({ tests }, { lineWidth: -1 }))
  })

  it('says nothing of an object that is being deleted, which Argo CD asks no script about', async () => {
    const leaving = KINDS.flatMap((kind) => reads[kind]).filter(({ object }) => isLeaving(object))
    expect(leaving.length).toBeGreaterThan(5)
    expect(new Set(leaving.map(({ reading }) => reading.argo.message))).toEqual(new Set(['Pending deletion']))
    for (const kind of KINDS)
      expect(readFileSync(`${CUSTOMIZATIONS}/${kind}/health.lua`, 'utf8')).not.toContain('deletionTimestamp')
  })

  it('is what the page says', async () => {
    await expectFile(HEALTH_PAGE, healthPage(reads))
  })
})

interface ActionTests {
  readonly discoveryTests: readonly {
    readonly inputPath: string
    readonly result: readonly { readonly name: string; readonly disabled: boolean }[]
  }[]
  readonly actionTests: readonly {
    readonly action: string
    readonly inputPath: string
    readonly expectedOutputPath: string
  }[]
}

describe.skipIf(whyNoHealthReaders !== undefined)('the actions that Argo CD offers on a Sink', () => {
  const { discoveryTests, actionTests } = yaml(`${ACTIONS}/action_test.yaml`) as ActionTests
  const run = async (script: string, input: string): Promise<unknown> => {
    const object = yaml(`${ACTIONS}/${input}`)
    const [answer] = await ask([
      { reader: 'lua', script: readFileSync(`${ACTIONS}/${script}`, 'utf8'), object },
    ])
    return answer
  }

  it.each(discoveryTests)('are those for $inputPath', async ({ inputPath, result }) => {
    const offered = Object.fromEntries(result.map(({ name, disabled }) => [name, { disabled }]))
    expect(await run('discovery.lua', inputPath)).toEqual(offered)
  })

  it.each(actionTests)('make $expectedOutputPath of $inputPath: $action', async (test) => {
    const changed = await run(`${test.action}/action.lua`, test.inputPath)
    const timeless = JSON.stringify(changed).replace(
      /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/u,
      '2026-11-24T10:00:00Z',
    )
    expect(JSON.parse(timeless)).toEqual(yaml(`${ACTIONS}/${test.expectedOutputPath}`))
  })
})
