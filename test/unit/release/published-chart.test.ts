import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { writePublishedChart } from '../../../tools/release/published-chart.ts'
import type { Target } from '../../../tools/release/target.ts'

const CHART = 'charts/twilio-sink-operator'
const NOTES = '### Added\n\n- The first release.\n\n### Security\n\n- It is `safe`.\n'
const TARGET: Target = {
  registry: 'ghcr.io/somebody',
  plainHttp: false,
  repository: 'https://github.com/somebody/operator',
}
const folder = mkdtempSync(join(tmpdir(), 'published-chart-'))
afterAll(() => rmSync(folder, { recursive: true }))

const Chart = z.looseObject({ annotations: z.record(z.string(), z.string()) })
const chartIn = (path: string): z.infer<typeof Chart> =>
  Chart.parse(load(readFileSync(join(path, 'Chart.yaml'), 'utf8')))
let published: string
beforeAll(async () => {
  published = await writePublishedChart(folder, { version: '1.2.0', target: TARGET, notes: NOTES })
})

/** All of https://artifacthub.io/docs/topics/annotations/helm that apply; there are no maintainers to name, and no pictures. */
const ANNOTATIONS = [
  'category',
  'changes',
  'containsSecurityUpdates',
  'crds',
  'crdsExamples',
  'images',
  'license',
  'links',
  'operator',
  'operatorCapabilities',
  'prerelease',
]

describe('the published chart', () => {
  test('has every annotation that Artifact Hub shows', () => {
    const names = Object.keys(chartIn(published).annotations)
    expect(names.sort()).toEqual(ANNOTATIONS.map((name) => `artifacthub.io/${name}`))
  })

  test.each<[string, unknown]>([
    ['images', [{ name: 'twilio-sink-operator', image: 'ghcr.io/somebody/twilio-sink-operator:1.2.0' }]],
    [
      'changes',
      [
        { kind: 'added', description: 'The first release.' },
        { kind: 'security', description: 'It is safe.' },
      ],
    ],
    ['containsSecurityUpdates', true],
    ['prerelease', false],
    ['crds', [expect.objectContaining({ kind: 'Sink' }), expect.objectContaining({ kind: 'TwilioAccount' })]],
    [
      'crdsExamples',
      [expect.objectContaining({ kind: 'Sink' }), expect.objectContaining({ kind: 'TwilioAccount' })],
    ],
  ])('says its %s in the YAML that Artifact Hub reads', (name, meaning) => {
    expect(load(chartIn(published).annotations[`artifacthub.io/${name}`] ?? '')).toEqual(meaning)
  })

  test('keeps what the chart of the repository says, and adds where it comes from', () => {
    const { annotations: _, ...there } = chartIn(published)
    const { annotations: __, ...here } = chartIn(CHART)
    const { repository } = TARGET
    expect(there).toEqual({ ...here, home: repository, sources: [repository] })
  })

  test('takes the published image without a value, and no other value changes', () => {
    const values = (path: string): unknown => load(readFileSync(join(path, 'values.yaml'), 'utf8'))
    const { image, ...others } = values(CHART) as { readonly image: object }
    const repository = 'ghcr.io/somebody/twilio-sink-operator'
    expect(values(published)).toEqual({ image: { ...image, repository }, ...others })
  })

  test('names no page where nobody knows one', async () => {
    const { repository: _, ...unknown } = TARGET
    const nowhere = await writePublishedChart(join(folder, 'nowhere'), {
      version: '1.2.0-rc.1',
      target: unknown,
      notes: '',
    })
    const { annotations, ...chart } = chartIn(nowhere)
    expect(Object.keys(chart)).toEqual(expect.not.arrayContaining(['home', 'sources']))
    expect(annotations).not.toHaveProperty(['artifacthub.io/links'])
    expect(annotations['artifacthub.io/prerelease']).toBe('true')
  })
})

test('the chart of the repository names no image, since none of its commits has published one', () => {
  expect(load(readFileSync(join(CHART, 'values.yaml'), 'utf8'))).toMatchObject({ image: { repository: '' } })
})
