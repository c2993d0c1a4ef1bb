import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { withGeneratedPart } from '../../../tools/generated-part.ts'
import { markdownTable } from '../../../tools/markdown-table.ts'
import { helmFor } from './helm.ts'
import { whyMissing } from './optional-program.ts'
import { pinnedKubernetesVersion } from './pinned-versions.ts'
import { sharedCluster } from './shared-cluster.ts'

/**
 * Which versions the tests run on is asked of what runs, not of what is pinned: people decide by this table whether their
 * cluster will do. UPDATE_DOCS=1 writes the rows of this run and leaves those of other versions.
 */

const PAGE = 'docs/versioning.md'
const MARKS = {
  begin: '<!-- versions: written by test/rigs/control-plane/tested-versions.test.ts with UPDATE_DOCS=1 -->',
  end: '<!-- end of the versions -->',
}
const HEAD = ['', 'version', 'what has run on it']

type Row = readonly [program: string, version: string, ran: string]

const helmMissing = await whyMissing('helm')
const cluster = sharedCluster()

/** Of the API server that this run has started or was given. */
async function kubernetesRow(): Promise<Row> {
  const { stdout } = await cluster.kubectl(['get', '--raw', '/version'])
  const version = z.object({ gitVersion: z.string() }).parse(JSON.parse(stdout)).gitVersion.replace('v', '')
  const all = version === pinnedKubernetesVersion()
  return [
    'Kubernetes',
    version,
    all ? 'all tests and the demo' : 'the rules of the CRDs, the chart, the demo',
  ]
}

async function helmRow(): Promise<Row> {
  const helm = await helmFor(cluster.address)
  const { stdout } = await helm(['version', '--template', '{{.Version}}'])
  return ['Helm', stdout.trim().replace('v', ''), 'installation, upgrade, removal, each value of the chart']
}

const nodeRow: Row = ['Node.js', process.versions.node, 'all tests; the image contains it']

/** A row stands for a minor version of a program; a newer patch takes its place. */
const placeOf = ([program, version]: Row): string => `${program} ${version.split('.').slice(0, 2).join('.')}`

function rowsOf(page: string): Row[] {
  const [, part = ''] = page.split(MARKS.begin)
  const [table = ''] = part.split(MARKS.end)
  return [...table.matchAll(/^\| (?<program>[A-Z][^|]*) \| (?<version>[^|]*) \| (?<ran>[^|]*) \|$/gmu)].map(
    ({ groups }): Row => [groups!['program']!, groups!['version']!, groups!['ran']!],
  )
}

function pageWith(page: string, rows: readonly Row[]): string {
  const byPlace = new Map([...rowsOf(page), ...rows].map((row) => [placeOf(row), row]))
  const newestFirst = [...byPlace.values()].sort(
    (a, b) => a[0].localeCompare(b[0]) || b[1].localeCompare(a[1], undefined, { numeric: true }),
  )
  return withGeneratedPart(page, MARKS, markdownTable(HEAD, newestFirst))
}

test('the page about versions names each version that this run has', async () => {
  const rows = [await kubernetesRow(), ...(helmMissing === undefined ? [await helmRow()] : []), nodeRow]
  const page = readFileSync(PAGE, 'utf8')
  if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(PAGE, pageWith(page, rows))
  const named = rowsOf(readFileSync(PAGE, 'utf8'))
  const [kubernetes] = rows
  // Somebody else's API server may be of a version that nobody has run all of this on.
  const mustBeNamed = rows.filter((row) => row !== kubernetes || row[1] === pinnedKubernetesVersion())
  expect(named, 'UPDATE_DOCS=1 writes it').toEqual(expect.arrayContaining(mustBeNamed))
})
