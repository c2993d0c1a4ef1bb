import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { whyMissing } from './optional-program.ts'
import { isAlive } from './process-table.ts'

let controlPlane: ControlPlane
/** etcd's data of a control plane that has stopped. */
let dataDir: string

beforeAll(async () => {
  controlPlane = await startControlPlane()
  dataDir = await mkdtemp(join(tmpdir(), 'data-test-'))
})
afterAll(async () => {
  await controlPlane.stop()
  await rm(dataDir, { recursive: true })
})

const create = (name: string) => controlPlane.kubectl(['create', 'configmap', name])
const names = async (): Promise<string> => {
  return (await controlPlane.kubectl(['get', 'configmaps', '-o', 'name', '--request-timeout=20s'])).stdout
}

test('a killed API server serves the same data at the same address when started again', async () => {
  await create('before-kill')
  const pid = controlPlane.apiServer.pid()
  await controlPlane.apiServer.kill()
  expect(controlPlane.apiServer.pid()).toBeUndefined()
  expect((await controlPlane.kubectl(['get', 'configmaps'])).code).not.toBe(0)
  await controlPlane.apiServer.start()
  expect(controlPlane.apiServer.pid()).not.toBe(pid)
  expect(await names()).toContain('before-kill')
})

test('without etcd the API server lives but answers errors, and heals when etcd is back', async () => {
  await create('before-outage')
  await controlPlane.etcd.stop()
  expect(
    (await controlPlane.kubectl(['create', 'configmap', 'during', '--request-timeout=2s'])).code,
  ).not.toBe(0)
  expect(controlPlane.apiServer.pid()).toBeDefined()
  await controlPlane.etcd.start()
  await expect.poll(names, { timeout: 90_000 }).toContain('before-outage')
})

test('an older copy of the data can be served, as after a restored backup', async () => {
  await create('in-copy')
  const copy = await controlPlane.copyData()
  await create('after-copy')
  expect(await names()).toContain('after-copy')
  await controlPlane.swapData(copy)
  expect(await names()).toContain('in-copy')
  expect(await names()).not.toContain('after-copy')
})

test('start, stop and kill may be asked for in any state', async () => {
  const pid = controlPlane.etcd.pid()
  await controlPlane.etcd.start()
  expect(controlPlane.etcd.pid()).toBe(pid)
  await controlPlane.apiServer.stop()
  await controlPlane.apiServer.stop()
  await controlPlane.apiServer.kill()
  await controlPlane.apiServer.start()
  expect(await names()).toContain('in-copy')
})

test('a control plane that stops leaves its neighbour alone and nothing but the data its caller keeps', async () => {
  const other = await startControlPlane({ dataDir })
  const pids = [other.etcd.pid(), other.apiServer.pid()]
  await other.createNamespace('outlives').finally(() => other.stop())
  expect(pids.map((pid) => isAlive(pid ?? 0))).toEqual([false, false])
  expect(existsSync(other.folder)).toBe(false)
  expect(await names()).toContain('in-copy')
  await controlPlane.swapData(dataDir)
  expect((await controlPlane.kubectl(['get', 'namespaces'])).stdout).toContain('outlives')
})

test('a flag that the API server refuses is reported with its words, and nothing is left', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'refused-flag-test-'))
  vi.stubEnv('TMPDIR', temporary)
  try {
    await expect(startControlPlane({ apiServerFlags: ['--no-such-flag'] })).rejects.toThrow('no-such-flag')
    expect(await readdir(temporary)).toEqual([])
  } finally {
    vi.unstubAllEnvs()
    await rm(temporary, { recursive: true })
  }
})

test.skipIf((await whyMissing('kube-controller-manager')) !== undefined)(
  'with a controller manager a deleted namespace goes away, as its finalizer needs one',
  async () => {
    await controlPlane.createNamespace('goes-away')
    await controlPlane.startControllerManager()
    const deletion = await controlPlane.kubectl(['delete', 'namespace', 'goes-away', '--timeout=120s'])
    expect(deletion).toMatchObject({ code: 0 })
  },
)
