import { beforeAll, expect, test } from 'vitest'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { DESTINATION_ROWS } from '../../unit/api/destination-rows.ts'
import { accountManifest, type ObjectUnderTest, sinkManifest } from '../../unit/api/objects.ts'
import { ACCOUNT_ROWS } from './account-rows.ts'
import { nameOf } from './create-row.ts'
import { presentPage, type RefusalRow, refusalsPage, writePage } from './refusals-page.ts'
import { SINK_ROWS } from './sink-rows.ts'
import { CHANGE_ROWS, type ChangeRow } from './transition-rows.ts'
import { accepted, causes, apiRefusal, type Way, WAYS } from './verdict.ts'

const cluster = sharedCluster()
const { kubectl } = cluster

/** One namespace for each way, since fields belong to the way that wrote them first. */
const namespaceOf = ({ way }: Way) => `refusals-${nameOf(way)}`

beforeAll(async () => {
  for (const way of WAYS) await cluster.createNamespace(namespaceOf(way))
  for (const way of WAYS) await prepare(way)
})

/** Creates each object as it was before the change, and gives it the status it had then. */
async function prepare(way: Way): Promise<void> {
  const before = CHANGE_ROWS.map((row) => manifest(row, row.before))
  expect(await accepted(kubectl, namespaceOf(way), way.args, before)).toHaveLength(before.length)
  const args = [
    'apply',
    '--server-side',
    '--subresource=status',
    '--field-manager=operator',
    '--force-conflicts',
  ]
  const seen = CHANGE_ROWS.map((row) => ({ ...manifest(row, row.before), status: row.status }))
  expect(await accepted(kubectl, namespaceOf(way), args, seen)).toHaveLength(seen.length)
}

function manifest({ did, kind }: ChangeRow, spec: Record<string, unknown>): ObjectUnderTest {
  return kind === 'Sink' ? sinkManifest(nameOf(did), spec) : accountManifest(nameOf(did), spec)
}

const CREATED = [...SINK_ROWS, ...ACCOUNT_ROWS].map(({ did, object, refused }) => ({
  did,
  object,
  refused,
  kind: object.kind,
}))
const CHANGED = CHANGE_ROWS.map((row) => ({ ...row, object: manifest(row, row.after) }))
const ROWS = [...CREATED, ...CHANGED]
const DESTINATIONS = DESTINATION_ROWS.map(([destination, refused], index) => ({
  object: sinkManifest(`destination-${index}`, { webhook: { destination } }),
  refused,
}))

test('the rows have names of their own, so that each is judged', () => {
  expect(new Set(ROWS.map(({ did }) => nameOf(did))).size).toBe(ROWS.length)
})

/** Dry run first: the real one changes what the next would be compared with. */
const TRIALS = WAYS.flatMap((way) => [
  { ...way, way, trial: `${way.way} --dry-run=server`, args: [...way.args, '--dry-run=server'] },
  { ...way, way, trial: way.way, args: way.args },
])

test.for(TRIALS)('$trial accepts and refuses the same objects as every other way', async ({ way, args }) => {
  const rows = [...ROWS, ...DESTINATIONS]
  const names = await accepted(
    kubectl,
    namespaceOf(way),
    args,
    rows.map(({ object }) => object),
  )
  const expected = rows.filter(({ refused }) => refused === undefined)
  expect(names.sort()).toEqual(expected.map(({ object }) => String(object.metadata['name'])).sort())
})

type Refused = { did: string; kind: string; object: ObjectUnderTest; refused: string }
const isRefused = <T extends { refused?: string | undefined }>(row: T): row is T & { refused: string } =>
  row.refused !== undefined

async function read(rows: readonly Refused[]): Promise<RefusalRow[]> {
  const refusals: RefusalRow[] = []
  for (const { did, kind, object, refused } of rows) {
    const message = await apiRefusal(kubectl, namespaceOf(WAYS[0]), object)
    const found = causes(message).map((cause) => cause.slice(0, refused.length))
    expect.soft(found, did).toEqual([refused])
    expect.soft(message, did).not.toContain('<nil>')
    refusals.push({ did, kind, message })
  }
  return refusals
}

test('each refusal names one field and one cause, and reads as the page in the docs says', async () => {
  const created = await read(CREATED.filter(isRefused))
  const changed = await read(CHANGED.filter(isRefused))
  const version = await serverVersion()
  const page = refusalsPage(version, created, changed)
  if (process.env['UPDATE_DOCS'] === '1') await writePage(page)
  const present = await presentPage()
  // Words that are not ours change from one Kubernetes to the next; the causes above were compared all the same.
  if (present.includes(`Kubernetes ${version};`)) expect(page).toBe(present)
})

async function serverVersion(): Promise<string> {
  const { stdout } = await kubectl(['get', '--raw', '/version'])
  const [, version = ''] = /"gitVersion": "(v[^"]+)"/.exec(stdout) ?? []
  return version
}
