import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { run } from '../../test/image/program.ts'
import { findPrograms, NoBinariesError } from '../../test/rigs/control-plane/binaries.ts'
import { writePublishedChart } from './published-chart.ts'
import { sectionOf } from './changelog.ts'
import type { Preparation } from './preparation.ts'
import { LeftOutError, summaryOf, type Outcome, type Step } from './steps.ts'
import {
  attest,
  buildImage,
  chartOf,
  imageOf,
  pushChart,
  pushImage,
  sign,
  verify,
  verifyAttestation,
  type Bases,
  type ImageOrder,
  type Target,
} from './target.ts'

const OUTPUT = 'dist/release'

export interface ReleaseFacts {
  readonly version: string
  /** Markdown. */
  readonly notes: string
  readonly target: Target
  /** Keeps what is made: notes, SBOMs, chart, digests. */
  readonly output: string
  /** For what nobody needs afterwards. */
  readonly scratch: string
  readonly bases: () => Promise<Bases>
}

interface PlatformImage {
  readonly reference: string
  readonly sbom: string
}

/** What one step makes and later ones need. */
interface Made {
  image: string
  platforms: PlatformImage[]
  chart: string
}

/** What a dry run has to make first. */
export interface FirstSteps {
  readonly pushing: readonly string[]
  readonly signing: readonly string[]
}

/** The same steps for a dry run and for a release: only the target differs. */
export function releaseSteps(facts: ReleaseFacts, { pushing, signing }: FirstSteps): Step[] {
  const { target } = facts
  const made: Made = { image: '', platforms: [], chart: '' }
  const cosign = (args: readonly string[]): Promise<string> =>
    run('env', 'COSIGN_PASSWORD=', 'cosign', ...args)
  const signed = (reference: string): Promise<string> => cosign(sign(target, reference)).then(() => reference)
  return [
    { name: 'image', after: pushing, programs: ['git', 'buildah'], work: () => makeImage(facts, made) },
    { name: 'chart', after: pushing, programs: [], work: () => makeChart(facts, made) },
    { name: 'SBOM', after: ['image'], programs: ['crane', 'syft'], work: () => makeSboms(facts, made) },
    {
      name: 'signature of the image',
      after: ['image', ...signing],
      programs: ['cosign'],
      work: () => signed(made.image),
    },
    {
      name: 'attestation of the SBOM',
      // Both are written below the same digests.
      after: ['SBOM', 'signature of the image'],
      programs: ['cosign'],
      work: async () => {
        for (const { reference, sbom } of made.platforms) await cosign(attest(target, reference, sbom))
        return made.platforms.map(({ reference }) => reference).join(', ')
      },
    },
    {
      name: 'signature of the chart',
      after: ['chart', ...signing],
      programs: ['cosign'],
      work: () => signed(made.chart),
    },
    {
      name: 'verification',
      after: ['attestation of the SBOM', 'signature of the chart'],
      programs: ['cosign'],
      work: async () => {
        for (const reference of [made.image, made.chart]) await cosign(verify(target, reference))
        for (const { reference } of made.platforms) await cosign(verifyAttestation(target, reference))
        return 'of both signatures and of each attestation'
      },
    },
  ]
}

async function makeImage(
  { version, target, output, scratch, bases }: ReleaseFacts,
  made: Made,
): Promise<string> {
  const { words, platforms, lacks } = await bases()
  const [revision, time] = await Promise.all([
    run('git', 'rev-parse', 'HEAD'),
    run('git', 'log', '-1', '--format=%ct'),
  ])
  const order: ImageOrder = { name: `twilio-sink-operator:${version}`, version, revision, time, platforms }
  await run('buildah', ...buildImage(words, order, target))
  const digestFile = join(scratch, 'image-digest')
  await run('buildah', ...pushImage(words, order, target, digestFile))
  made.image = `${imageOf(target)}@${(await readFile(digestFile, 'utf8')).trim()}`
  await noteDigest(output, 'image', made.image)
  return [made.image, platforms.join(' '), lacks].filter((part) => part !== '').join(', ')
}

const Index = z.object({
  manifests: z.array(
    z.object({ digest: z.string(), platform: z.object({ os: z.string(), architecture: z.string() }) }),
  ),
})

/** One for each platform, since Node and the libraries below it differ; with what the bundle holds (`tools/bundle-sbom.ts`). */
async function makeSboms({ target, output }: ReleaseFacts, made: Made): Promise<string> {
  const { manifests } = Index.parse(JSON.parse(await run('crane', 'manifest', made.image)))
  const scan = ['syft', 'scan', '--quiet', '--select-catalogers', '+sbom-cataloger']
  made.platforms = manifests.map(({ digest, platform: { os, architecture } }) => ({
    reference: `${imageOf(target)}@${digest}`,
    sbom: join(output, `sbom-${os}-${architecture}.cdx.json`),
  }))
  const http = target.plainHttp ? ['SYFT_REGISTRY_INSECURE_USE_HTTP=true'] : []
  for (const { reference, sbom } of made.platforms)
    await run('env', ...http, ...scan, `registry:${reference}`, '--output', `cyclonedx-json=${sbom}`)
  return made.platforms.map(({ sbom }) => sbom).join(', ')
}

async function makeChart(facts: ReleaseFacts, made: Made): Promise<string> {
  const { version, target, output, scratch } = facts
  const helm = await helmProgram()
  const folder = await writePublishedChart(join(scratch, 'chart'), facts)
  await run(helm, 'lint', '--quiet', folder)
  await run(helm, 'package', folder, '--destination', output)
  // Helm says on standard error what it has pushed.
  const args = pushChart(target, join(output, `twilio-sink-operator-${version}.tgz`))
  const said = await run('sh', '-c', 'exec "$0" "$@" 2>&1', helm, ...args)
  const digest = /^Digest: (?<digest>sha256:[0-9a-f]{64})$/mu.exec(said)?.groups?.['digest']
  if (digest === undefined) throw new Error(`helm push has named no digest: ${said}`)
  made.chart = `${chartOf(target)}@${digest}`
  await noteDigest(output, 'chart', made.chart)
  return made.chart
}

/** Found or built as for the tests. */
export async function helmProgram(): Promise<string> {
  try {
    return join(await findPrograms(['helm']), 'helm')
  } catch (error) {
    if (error instanceof NoBinariesError) throw new LeftOutError(error.message)
    throw error
  }
}

/** For people, and for the workflow that attests where the two come from. */
async function noteDigest(output: string, name: string, reference: string): Promise<void> {
  await appendFile(join(output, 'digests.txt'), `${reference}\n`)
  const [subject = '', digest = ''] = reference.split('@')
  const file = process.env['GITHUB_OUTPUT']
  if (file !== undefined) await appendFile(file, `${name}=${subject}\n${name}-digest=${digest}\n`)
}

/** What is released of a prepared tree; empties the folder of what is made and writes the notes into it. */
export async function factsOf(
  { version, changelog }: Preparation,
  rest: Pick<ReleaseFacts, 'target' | 'scratch' | 'bases'>,
): Promise<ReleaseFacts> {
  const section = sectionOf(changelog, version) ?? sectionOf(changelog, 'Unreleased')
  const notes = section?.text ?? ''
  await rm(OUTPUT, { recursive: true, force: true })
  await mkdir(OUTPUT, { recursive: true })
  await writeFile(join(OUTPUT, 'notes.md'), `${notes}\n`)
  return { version, notes, output: OUTPUT, ...rest }
}

export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'release-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const say = (line: string): void => void process.stdout.write(`${line}\n`)

export const report = (outcomes: readonly Outcome[]): void => say(`\n${summaryOf(outcomes)}`)

export const hasProgram = (program: string): Promise<boolean> =>
  run('sh', '-c', 'command -v "$0"', program).then(
    () => true,
    () => false,
  )
