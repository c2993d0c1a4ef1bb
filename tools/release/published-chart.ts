import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dump, load, loadAll } from 'js-yaml'
import { z } from 'zod'
import { changesOf } from './changelog.ts'
import { imageOf, type Target } from './target.ts'

const CHART = 'charts/twilio-sink-operator'
const CRDS = ['crds/events.twilio.com_sinks.yaml', 'crds/events.twilio.com_twilioaccounts.yaml']
const SAMPLES = ['docs/samples/webhook.yaml', 'docs/samples/account.yaml']

/** What only a release knows of the chart: where the image is, what has changed, where people find more. */
export interface ChartFacts {
  readonly version: string
  readonly target: Target
  /** Markdown: the section of CHANGELOG.md. */
  readonly notes: string
  /** Texts of the CRDs and of the objects that Artifact Hub shows. */
  readonly crds: readonly string[]
  readonly samples: readonly string[]
}

/** Copies the chart into `folder` and completes it. Resolves with the folder of the chart. */
export async function writePublishedChart(
  folder: string,
  { version, target, notes }: Pick<ChartFacts, 'version' | 'target' | 'notes'>,
): Promise<string> {
  const chart = join(folder, 'twilio-sink-operator')
  await cp(CHART, chart, { recursive: true })
  const read = (path: string): Promise<string> => readFile(path, 'utf8')
  const [crds, samples] = await Promise.all([CRDS, SAMPLES].map((paths) => Promise.all(paths.map(read))))
  const facts = { version, target, notes, crds: crds ?? [], samples: samples ?? [] }
  await writeFile(join(chart, 'Chart.yaml'), publishedChartYaml(await read(join(chart, 'Chart.yaml')), facts))
  await writeFile(join(chart, 'values.yaml'), publishedValues(await read(join(chart, 'values.yaml')), target))
  return chart
}

const ChartYaml = z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()) })

/** See https://artifacthub.io/docs/topics/annotations/helm. */
export function publishedChartYaml(chartYaml: string, facts: ChartFacts): string {
  const { annotations, ...chart } = ChartYaml.parse(load(chartYaml))
  const { repository } = facts.target
  return dump(
    {
      ...chart,
      ...(repository !== undefined && { home: repository, sources: [repository] }),
      annotations: { ...annotations, ...knownAtRelease(facts) },
    },
    { lineWidth: -1 },
  )
}

function knownAtRelease({ version, target, notes, crds, samples }: ChartFacts): Record<string, string> {
  const changes = changesOf(notes)
  const { repository } = target
  return {
    'artifacthub.io/prerelease': String(version.includes('-')),
    'artifacthub.io/containsSecurityUpdates': String(changes.some(({ kind }) => kind === 'security')),
    'artifacthub.io/changes': dump(changes, { lineWidth: -1 }),
    'artifacthub.io/images': dump([{ name: 'twilio-sink-operator', image: `${imageOf(target)}:${version}` }]),
    'artifacthub.io/crds': dump(crds.map(crdOf), { lineWidth: -1 }),
    'artifacthub.io/crdsExamples': dump(samples.flatMap((text) => loadAll(text))),
    ...(repository !== undefined && {
      'artifacthub.io/links': dump([
        { name: 'Documents', url: `${repository}/tree/v${version}/docs` },
        { name: 'Support', url: `${repository}/issues` },
      ]),
    }),
  }
}

const Crd = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    names: z.object({ kind: z.string() }),
    versions: z.tuple([
      z.object({
        name: z.string(),
        schema: z.object({ openAPIV3Schema: z.object({ description: z.string() }) }),
      }),
    ]),
  }),
})

function crdOf(text: string): unknown {
  const { metadata, spec } = Crd.parse(load(text))
  const [{ name: version, schema }] = spec.versions
  const { kind } = spec.names
  return {
    kind,
    version,
    name: metadata.name,
    displayName: kind,
    description: schema.openAPIV3Schema.description,
  }
}

/** The values with the name of the image, which people need not set any more. */
export function publishedValues(values: string, target: Target): string {
  const empty = /^(?<before>image:\n(?: .*\n)*? {2}repository: )''$/mu
  if (!empty.test(values)) throw new Error(`values.yaml of ${CHART} has no empty image.repository`)
  return values.replace(empty, `$<before>${imageOf(target)}`)
}
