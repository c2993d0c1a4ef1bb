import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedCluster } from '../rigs/control-plane/shared-cluster.ts'
import { beginLife, isActive, MARK } from '../integration/operator/lifecycle-life.ts'
import { storyWebhook } from '../integration/operator/lifecycle-living.ts'
import { TWILIOS } from '../integration/operator/lifecycle-twilios.ts'
import { setStage } from '../integration/operator/stage.ts'
import { buildOperatorImage, type OperatorImage } from './operator-image.ts'
import { podOf, type RuncPod } from './pod.ts'
import { run } from './program.ts'

const cluster = sharedCluster()
/** Goes with the folder of the control plane, however this process ends. */
const FOLDER = join(cluster.folder, 'image')
let image: OperatorImage
let pod: RuncPod

beforeAll(async () => {
  image = await buildOperatorImage(FOLDER)
  pod = podOf(image, cluster, FOLDER)
})
afterAll(async () => {
  await pod?.end()
})

test('hadolint finds nothing in the Dockerfile', async () => {
  expect(await run('hadolint', 'Dockerfile')).toBe('')
})

test('the image has a user by number, labels, and Node with its flags as entry point', async () => {
  const { version, license } = JSON.parse(await readFile('package.json', 'utf8'))
  expect(image.config).toMatchObject({
    User: '65532:65532',
    Entrypoint: ['node', '--max-semi-space-size=16', '--disable-sigusr1', '/app/operator.mjs'],
    Labels: {
      'org.opencontainers.image.title': 'twilio-sink-operator',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': license,
      // The README's command asks git; a commit meanwhile disturbs nothing.
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
    },
  })
  expect(image.config.Cmd ?? []).toEqual([])
})

const ADDED = {
  '/app/LICENSE': '644',
  '/app/THIRD_PARTY_LICENSES.txt': '644',
  '/app/operator.cdx.json': '644',
  '/app/operator.mjs': '644',
  '/usr/local/LICENSE': '644',
  '/usr/local/bin/node': '755',
}

test('the image holds nothing but its base, Node, the bundle and their licences, none of them writable', () => {
  const added = [...image.files].filter(([path]) => !image.base.has(path))
  expect(Object.fromEntries(added.map(([path, { mode }]) => [path, mode]))).toEqual(ADDED)
  expect(added.filter(([, { owner }]) => owner !== 0)).toEqual([])
  expect([...image.files].filter(([path]) => image.base.has(path))).toEqual([...image.base])
})

test('the licences and the SBOM in the image name each package whose code is in the bundle', async () => {
  const read = (path: string): Promise<string> => readFile(join(image.root, 'app', path), 'utf8')
  const files = ['operator.mjs', 'THIRD_PARTY_LICENSES.txt', 'operator.cdx.json']
  const [bundle, texts, sbom] = await Promise.all(files.map(read))
  const origins = bundle!.matchAll(/^\s*\/\/ node_modules\/(?<name>(?:@[^/\n]+\/)?[^/\n]+)\//gmu)
  const bundled = [...new Set([...origins].map(({ groups }) => groups!['name']!))]
  expect(bundled.length).toBeGreaterThan(20)
  expect(bundled.filter((name) => !texts!.includes(`${name} `))).toEqual([])
  const { components } = JSON.parse(sbom!) as { readonly components: readonly { readonly name: string }[] }
  expect(components.map(({ name }) => name).sort()).toEqual(bundled.sort())
})

test('the image keeps a Sink through its whole life, as a pod without rights on a read-only root', async () => {
  // Each call is counted: one that is given up would be made again, rightly.
  const flags = { 'leader-elect': 'true', 'call-timeout': '10s', 'settle-time': '20s' }
  const stage = await setStage({ name: 'image', flags, start: pod.operator })
  try {
    await expectRestricted()
    const life = await beginLife(stage, TWILIOS[0]!)
    const spec = storyWebhook('orders')
    const { sid } = (await life.make('orders', spec)).status
    expect((await life.atTwilio(sid))?.description).toMatch(MARK)
    expect(await stage.operator().stop()).toBe(0)
    await stage.restart()
    await life.apply('orders', { ...spec, description: 'Edited by its owner' })
    await life.see('is edited', 'orders', isActive)
    expect(await life.described('Edited by its owner')).toMatchObject([{ sid }])
    await life.remove('orders')
    await life.gone('orders')
    expect(await stage.simulator.admin.sinks()).toEqual([])
    expect(await changesAt(stage.simulator.admin)).toEqual(['CreateSink', 'UpdateSink', 'DeleteSink'])
    expect(await stage.operator().stop()).toBe(0)
  } finally {
    await pod.end()
    await stage.end()
  }
})

/** What the kernel says of the process, whatever the container was told. */
async function expectRestricted(): Promise<void> {
  const proc = join('/proc', String(await pod.pid()))
  const status = await readFile(join(proc, 'status'), 'utf8')
  expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/mu)
  expect(status.match(/^Cap\w+:\t0+$/gmu)).toHaveLength(5)
  expect(status).toMatch(/^NoNewPrivs:\t1$/mu)
  const mounts = await readFile(join(proc, 'mounts'), 'utf8')
  expect(mounts).toMatch(/^\S+ \/ \S+ ro,/mu)
}

async function changesAt(
  admin: Awaited<ReturnType<typeof setStage>>['simulator']['admin'],
): Promise<string[]> {
  const journal = await admin.journal()
  return journal.filter(({ method }) => method !== 'GET').map(({ operation }) => operation)
}

const MIB = 1024 * 1024

afterAll(() => {
  if (image === undefined) return
  const size = (path: string): string => ((image.files.get(path)?.size ?? 0) / MIB).toFixed(1)
  const all = [...image.files.values()].reduce((sum, file) => sum + file.size, 0) / MIB
  const base = [...image.base.values()].reduce((sum, file) => sum + file.size, 0) / MIB
  const starts = pod.startTimes.map((time) => `${Math.round(time)} ms`).join(', ')
  console.log(
    [
      `built and pushed in ${image.seconds.toFixed(0)} s`,
      `${all.toFixed(1)} MiB, ${(image.pullSize / MIB).toFixed(1)} MiB to pull: Node ${size('/usr/local/bin/node')}, bundle ${size('/app/operator.mjs')}, stand-in of the base ${base.toFixed(1)}`,
      `ready after ${starts}`,
    ].join('\n'),
  )
})
