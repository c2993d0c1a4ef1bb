import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHART, RELEASE } from '../chart/chart.ts'
import { isReady } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { NO_WRITES, countWrites } from '../in-out/counts.ts'
import { credentialsComeAndGo, liveIn, openAccount } from './deeds.ts'
import { covers, inWords, rightsOf, type Right } from './granted-rights.ts'
import { MODES } from './mode.ts'
import { personIn, seeAgain, webhook } from './people.ts'
import type { PodProcess } from './pod-process.ts'
import { createOwnNamespace, packedAs, valuesFor } from './release.ts'
import { openSite, type Site } from './site.ts'
import { siteMissing } from './site-or-skip.ts'
import { usesOf } from './used-rights.ts'

/** What everybody may read, to learn what the API server serves. */
const DISCOVERY = /^\/(?:apis|openapi)(?:\/|$)/u
const DEFINITIONS = ['sinks.events.twilio.com', 'twilioaccounts.events.twilio.com']
const SINK_CHART = join(import.meta.dirname, 'sink-chart')

let site: Site
beforeAll(async () => {
  if (siteMissing === undefined) site = await openSite()
})
afterAll(() => site?.end())

describe.skipIf(siteMissing !== undefined).each(MODES)(
  'a release for $title',
  ({ own, shops, values, refused, later }) => {
    const helm = (args: readonly string[], more: Readonly<Record<string, unknown>> = {}): Promise<string> =>
      site.helm(
        [...args, '--namespace', own, '--wait', '--timeout', '180s'],
        valuesFor(site, { ...values, ...more }),
      )
    const uninstall = (release: string) => site.helm(['uninstall', release, '--namespace', own, '--wait'])
    const person = (namespace: string) => personIn(site, namespace)
    const asked = async (verb: string, resource: string, namespace: string): Promise<boolean> =>
      (await usesOf(site.cluster.auditLogPath, own, RELEASE)).some(
        (use) => use.verb === verb && use.resource === resource && use.namespace === namespace,
      )
    const sinksOf = async () => Promise.all(shops.map((shop) => person(shop).look('Sink', 'borrowed')))
    const runningPods = (): PodProcess[] => site.pods().filter((pod) => pod.isRunning())
    const countedWhile = async (work: () => Promise<unknown>) => {
      const writes = await countWrites(site)
      await work()
      return writes.next()
    }
    let rights: readonly Right[]

    test('is installed when its Pods answer, in a namespace of the level restricted', async () => {
      await createOwnNamespace(site, own)
      for (const shop of shops) await site.kubectl(['create', 'namespace', shop])
      await helm(['install', RELEASE, await packedAs(site, '0.0.9')])
      // One that found its port taken, which happens here only, is being started again.
      const answers = () => Promise.all(runningPods().map((pod) => pod.answers()))
      await expect.poll(answers, { timeout: 30_000 }).toEqual([true, true])
    })

    test('keeps Sinks as they say in each of its namespaces', async () => {
      for (const shop of shops) await openAccount(site, person(shop))
      const [north, south] = shops
      await Promise.all([
        liveIn(site, person(north), south, asked),
        liveIn(site, person(south), north, asked),
        lend(own, north),
      ])
    })

    /** The default account serves other namespaces, and its credentials change, too. */
    async function lend(from: string, to: string): Promise<void> {
      const accountRef = { name: 'default', namespace: from }
      await person(to).apply('Sink', 'lent', webhook(`lent-${from}`, { accountRef }))
      await person(to).see('is ready', 'Sink', 'lent', isReady)
      await credentialsComeAndGo(site, person(from), asked)
      await person(to).remove('Sink', 'lent')
      await person(to).gone('Sink', 'lent')
    }

    test('is upgraded from another version without a word to Twilio', async () => {
      const before = new Set(site.pods())
      expect(await countedWhile(() => helm(['upgrade', RELEASE, CHART]))).toEqual(NO_WRITES)
      // Helm does not wait until the last one of before has gone.
      const isNew = (pod: PodProcess): boolean => !before.has(pod)
      await until(
        'the Pods are exchanged',
        async () => runningPods().length === 2 && runningPods().every(isNew),
        60_000,
      )
      rights = await rightsOf(site.api, own, RELEASE)
    })

    test('lets a chart with a Sink wait until that is active, and fail at once when Twilio says so', async () => {
      const [shop] = shops
      const install = (name: string): Promise<string> =>
        site.helm(['install', name, SINK_CHART, '--namespace', shop, '--wait', '--timeout', '180s'])
      await install('good')
      expect(await person(shop).look('Sink', 'good')).toSatisfy(isReady)
      await site.simulator.admin.change({ statusAfterCreate: 'failed' })
      const began = performance.now()
      await expect(install('bad')).rejects.toThrow(/Twilio reports the sink as failed/u)
      // Who waited for its time instead would take twice as long.
      expect(performance.now() - began).toBeLessThan(90_000)
      await site.simulator.admin.change({ statusAfterCreate: 'active' })
      for (const name of ['good', 'bad']) await site.helm(['uninstall', name, '--namespace', shop, '--wait'])
    })

    test('leaves definitions, Sinks and sinks behind when it goes', async () => {
      const before = await sinksOf()
      expect(await countedWhile(() => uninstall(RELEASE))).toEqual(NO_WRITES)
      await until('the Pods have ended', async () => runningPods().length === 0, 60_000)
      expect(await sinksOf()).toEqual(before)
    })

    test('has asked for what it may, and may what it has asked for', async () => {
      const uses = await usesOf(site.cluster.auditLogPath, own, RELEASE)
      const ofResources = uses.filter(({ resource }) => resource !== undefined)
      const useful = ofResources.filter(({ status }) => status !== 403)
      const unused = rights.filter((right) => !useful.some((use) => covers(right, use)))
      expect(unused.map(inWords)).toEqual([])
      const beyond = ofResources.filter((use) => !rights.some((right) => covers(right, use)))
      expect(beyond.map(inWords)).toEqual(refused)
      const others = uses.filter(({ resource }) => resource === undefined)
      expect(others.filter(({ path }) => !DISCOVERY.test(path))).toEqual([])
    })

    test('has never needed more memory than it asks for', () => {
      for (const pod of site.pods()) expect(pod.peakMemory()).toBeLessThan(pod.requestedMemory)
    })

    test.for(later)(
      'is installed again as $release, and makes nothing anew',
      async ({ release, values: more }) => {
        const before = await sinksOf()
        const install = async () => {
          await helm(['install', release, CHART, '--take-ownership'], more)
          for (const shop of shops) await seeAgain(person(shop), 'borrowed')
        }
        expect(await countedWhile(install)).toEqual(NO_WRITES)
        const sids = (await sinksOf()).map((object) => object?.status.sid)
        expect(sids).toEqual(before.map((object) => object?.status.sid))
        if (release !== later.at(-1)?.release) await uninstall(release)
      },
    )

    test('lets every Sink go, and then the definitions', async () => {
      for (const shop of shops) await person(shop).remove('Sink', 'borrowed')
      for (const shop of shops) await person(shop).gone('Sink', 'borrowed')
      expect(await site.simulator.admin.sinks()).toEqual([])
      // An account stays until no Sink refers to it any more.
      await site.kubectl(['delete', 'twilioaccounts', '--all', '--all-namespaces', '--timeout=60s'])
      await uninstall(later.at(-1)?.release ?? '')
      await site.kubectl(['delete', 'crd', ...DEFINITIONS, '--timeout=60s'])
    })
  },
)
