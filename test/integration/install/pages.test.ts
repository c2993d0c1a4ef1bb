import { load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isReady } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { CHART, IMAGE, RELEASE } from '../chart/chart.ts'
import { NO_WRITES, countWrites, type Counter } from '../in-out/counts.ts'
import { blocksOf, commandsIn, shellOf, type Block } from './pages.ts'
import { personIn, seeAgain } from './people.ts'
import { openSite, type Site } from './site.ts'
import { siteMissing } from './site-or-skip.ts'

/** Where the image that a block builds is to be had: a Pod here runs the bundle that is in it. */
const BUILDS_IMAGE = /^docker build .*--tag (?<image>\S+):\S+ \.$/mu

const README = (await blocksOf('README.md')).filter(({ section }) => section === 'Install')
const PAGE = await blocksOf('docs/install.md')
const COMMANDS = PAGE.filter(({ language }) => language === 'sh')
const RENAMING = await blocksOf('docs/rename.md')

let site: Site
let shell: (commands: string) => Promise<string>
let writes: Counter
let sid: string | undefined
const ran: Block[] = []

beforeAll(async () => {
  if (siteMissing !== undefined) return
  site = await openSite()
  shell = await shellOf(site)
  writes = await countWrites(site)
})
afterAll(() => site?.end())

async function run(block: Block): Promise<string> {
  expect(block.language).toBe('sh')
  const said = await shell(block.text)
  ran.push(block)
  return said
}

/** The Sink of the README; it is renamed on the way. */
let name = 'orders'
const theSink = () => personIn(site, 'shop').look('Sink', name)

const section = (title: string): Block[] => {
  const blocks = PAGE.filter((block) => block.section === title)
  if (blocks.length === 0) throw new Error(`docs/install.md has no command under ${title}`)
  return blocks
}

describe.skipIf(siteMissing !== undefined)('the commands of the pages, in their order', () => {
  test('from nothing to a Sink that is ready, by the README', async () => {
    const [building, ...installing] = README
    const image = BUILDS_IMAGE.exec(building?.text ?? '')?.groups?.['image'] ?? 'none'
    expect(installing.map(({ text }) => text).join('\n')).toContain(`image.repository=${image} `)
    const began = performance.now()
    for (const block of installing) await run(block)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const commands = installing.flatMap(({ text }) => commandsIn(text))
    console.log(`From nothing to the first Ready Sink: ${commands.length} commands, ${seconds} s`)
    expect(commands.length).toBeLessThanOrEqual(5)
    expect(await theSink()).toSatisfy(isReady)
    expect(await writes.next()).toEqual({ ...NO_WRITES, creates: 1 })
    sid = (await theSink())?.status.sid
  })

  test('renaming: on what the README installs it is seen that imports are not allowed, before anything goes', async () => {
    const [applying, looking, ...going] = RENAMING
    if (applying === undefined || looking === undefined)
      throw new Error('docs/rename.md has too few commands')
    await run(applying)
    expect(await run(looking)).toContain('ImportNotAllowed')
    expect((await theSink())?.status.sid).toBe(sid)
    expect(await writes.next()).toEqual(NO_WRITES)
    for (const block of going) await run(block)
    expect(await theSink()).toBeUndefined()
    name = 'purchases'
    expect(await theSink()).toSatisfy(isReady)
    expect((await theSink())?.status.sid).toBe(sid)
    expect(await writes.next(), 'its mark alone').toEqual({ ...NO_WRITES, updates: 1 })
  })

  test.for([
    'Upgrade',
    'Let Sinks import',
    'Uninstall, and install again',
    'Under another release name',
    'For some namespaces only',
  ])('%s: Twilio hears of nothing', async (title) => {
    for (const block of section(title)) await run(block)
    await seeAgain(personIn(site, 'shop'), name)
    expect(await theSink()).toSatisfy(isReady)
    expect((await theSink())?.status.sid).toBe(sid)
    expect(await writes.next()).toEqual(NO_WRITES)
  })

  test('Remove everything', async () => {
    for (const block of section('Remove everything')) await run(block)
    expect(await writes.next()).toEqual({ ...NO_WRITES, deletes: 1 })
    await until('the Pods have ended', async () => !site.pods().some((pod) => pod.isRunning()), 60_000)
    expect(await site.kubectl(['get', 'crds', '-o', 'name'])).toBe('')
  })

  test('none is left out', () => {
    expect(ran).toEqual([...README.slice(1), ...RENAMING, ...COMMANDS])
  })
})

const Values = z.record(z.string(), z.unknown())

test.skipIf(siteMissing !== undefined).for(PAGE.filter(({ language }) => language !== 'sh'))(
  'the values under $section reach the environment of the operator',
  async ({ language, text }) => {
    expect(language).toBe('yaml')
    const values = { ...IMAGE, ...Values.parse(load(text)) }
    const rendered = await site.helm(['template', RELEASE, CHART], values)
    for (const variable of ['HTTPS_PROXY', 'NO_PROXY']) expect(rendered).toContain(`name: ${variable}`)
  },
)
