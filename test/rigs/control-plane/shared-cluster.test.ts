import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedCluster } from './shared-cluster.ts'

const cluster = sharedCluster()
const namespace = 'control-plane-test'
const kubectl = cluster.kubectl

beforeAll(() => cluster.createNamespace(namespace))
afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']))

test('it is the pinned Kubernetes, because validation rules differ between versions', async () => {
  const { stdout } = await kubectl(['version'])
  expect(stdout).toMatch(/Client Version: v1\.37\./)
  expect(stdout).toMatch(/Server Version: v1\.37\./)
})

test('objects are kept as given on standard input', async () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kept', namespace },
    data: { key: 'value' },
  }
  expect(await kubectl(['apply', '-f', '-'], JSON.stringify(object))).toMatchObject({ code: 0 })
  const { stdout } = await kubectl([
    'get',
    'configmap',
    'kept',
    '-n',
    namespace,
    '-o',
    'jsonpath={.data.key}',
  ])
  expect(stdout).toBe('value')
})

test('a refused command is a result, so that tests can look at its message', async () => {
  const { code, stderr } = await kubectl(['get', 'configmap', 'missing', '-n', namespace])
  expect(code).not.toBe(0)
  expect(stderr).toContain('missing')
})

test('its certificate is not trusted by those who were not given it', async () => {
  const outcome = await new Promise((resolve) => {
    request(cluster.url, { agent: false }, () => resolve('trusted'))
      .on('error', () => resolve('refused'))
      .end()
  })
  expect(outcome).toBe('refused')
})

test('a service account is known by its token and may do only what its roles say', async () => {
  await kubectl(['create', 'serviceaccount', 'reader', '-n', namespace])
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'reader')
  const asReader = (...args: string[]) => kubectl([...args, '--kubeconfig', kubeconfig, '-n', namespace])
  expect((await asReader('auth', 'whoami')).stdout).toContain(`system:serviceaccount:${namespace}:reader`)
  expect((await asReader('get', 'configmaps')).stderr).toContain('Forbidden')
  await kubectl(['create', 'role', 'reader', '--verb=list', '--resource=configmaps', '-n', namespace])
  const subject = `--serviceaccount=${namespace}:reader`
  await kubectl(['create', 'rolebinding', 'reader', '--role=reader', subject, '-n', namespace])
  await expect.poll(async () => (await asReader('get', 'configmaps')).code, { timeout: 30_000 }).toBe(0)
})

test('the audit log counts writes by object, and shows nothing of other tests nor what it was not asked for', async () => {
  const elsewhere = `${namespace}-elsewhere`
  await cluster.createNamespace(elsewhere)
  const own = { namespace, since: await cluster.audit.mark() }
  const others = { namespace: elsewhere, since: own.since }
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'counted', namespace },
  }
  const foreign = { ...lease, metadata: { name: 'of-another-test', namespace: elsewhere } }
  await kubectl(['create', '-f', '-'], JSON.stringify(foreign))
  await kubectl(['create', '-f', '-'], JSON.stringify(lease))
  await kubectl(['label', 'lease', 'counted', 'a=b', '-n', namespace])
  await kubectl(['create', 'configmap', 'uncounted', '-n', namespace])
  await kubectl(['delete', 'lease', 'counted', '-n', namespace])
  await expect
    .poll(() => cluster.audit.writes(own), { timeout: 30_000 })
    .toMatchObject([
      {
        verb: 'create',
        objectRef: { resource: 'leases', namespace, name: 'counted' },
        responseStatus: { code: 201 },
      },
      { verb: 'patch', objectRef: { name: 'counted' }, user: { username: 'admin' } },
      { verb: 'delete', objectRef: { name: 'counted' } },
    ])
  const requests = await cluster.audit.requests(own)
  expect(requests.map(({ objectRef }) => objectRef.resource)).not.toContain('configmaps')
  expect(await cluster.audit.writes(others)).toMatchObject([{ objectRef: { name: 'of-another-test' } }])
  await kubectl(['delete', 'namespace', elsewhere, '--wait=false'])
})

test('a custom resource can be used as soon as its definition is applied', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crds-test-'))
  const names = { kind: 'Gadget', plural: 'gadgets', singular: 'gadget' }
  const schema = { openAPIV3Schema: { type: 'object' } }
  const versions = [{ name: 'v1', served: true, storage: true, schema }]
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.test.example' },
    spec: { group: 'test.example', scope: 'Namespaced', names, versions },
  }
  await writeFile(join(folder, 'gadgets.json'), JSON.stringify(definition))
  try {
    await cluster.applyCrds(folder)
    const gadget = { apiVersion: 'test.example/v1', kind: 'Gadget', metadata: { name: 'one', namespace } }
    expect(await kubectl(['create', '-f', '-'], JSON.stringify(gadget))).toMatchObject({ code: 0 })
  } finally {
    await kubectl(['delete', 'crd', 'gadgets.test.example', '--wait=false'])
    await rm(folder, { recursive: true })
  }
})
