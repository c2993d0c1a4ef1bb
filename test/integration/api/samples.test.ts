import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadAll } from 'js-yaml'
import { beforeAll, expect, test } from 'vitest'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'

/** What people copy must be taken by the API server without a complaint and without a field silently dropped. */

const cluster = sharedCluster()
const ROOT = new URL('../../../', import.meta.url)
const SAMPLES = new URL('docs/samples/', ROOT)

type Text = { name: string; yaml: string }

function read(path: string): string {
  const url = new URL(path, ROOT)
  return existsSync(url) ? readFileSync(url, 'utf8') : ''
}

const FILES: Text[] = readdirSync(SAMPLES).map((name) => ({
  name: `docs/samples/${name}`,
  yaml: read(`docs/samples/${name}`),
}))

/** Blocks of other things, such as values of a chart, have no apiVersion. */
const BLOCKS: Text[] = ['README.md', 'docs/kinds.md', 'test/rigs/simulator/README.md'].flatMap((path) =>
  [...read(path).matchAll(/^```yaml\n([^]*?)^```/gm)]
    .map(([, yaml = ''], index) => ({ name: `${path}, block ${index + 1}`, yaml }))
    .filter(({ yaml }) => /^apiVersion:/m.test(yaml)),
)

const TEXTS = [...FILES, ...BLOCKS]

beforeAll(async () => {
  // A dry run makes no namespace, so those that the samples are in must be there. They may be already.
  const namespaces = new Set(TEXTS.flatMap(namespacesOf))
  for (const name of namespaces) await cluster.kubectl(['create', '--save-config', 'namespace', name])
})

function namespacesOf({ yaml }: Text): string[] {
  return [...yaml.matchAll(/namespace: *([a-z0-9-]+)/g)].map(([, name = '']) => name)
}

test.for(TEXTS)('$name applies as it stands', async ({ yaml }) => {
  const args = ['apply', '--dry-run=server', '--validate=strict', '-f', '-']
  const { stdout, stderr, code } = await cluster.kubectl(args, yaml)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toHaveLength(loadAll(yaml).length)
})

test('each sample file holds what kubectl reads, so that the whole folder can be applied', async () => {
  const { stderr, code } = await cluster.kubectl([
    ...['apply', '--dry-run=server', '--validate=strict'],
    ...['-f', fileURLToPath(SAMPLES)],
  ])
  expect(stderr).toBe('')
  expect(code).toBe(0)
})
