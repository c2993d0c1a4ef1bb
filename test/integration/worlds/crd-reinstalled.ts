import { expect, test } from 'vitest'
import { until } from '../../rigs/until.ts'
import { giveAccount } from '../operator/stage.ts'
import { spec, tellingOf, type LiveWorld } from './world.ts'

/** C5: also when the operator is away while the CRDs go, as in an uninstallation that takes it first. */
export function crdReinstalled(the: () => LiveWorld): void {
  test('CRDs that are deleted and installed again take no sink away, and all are adopted with zero creates', async () => {
    const world = the()
    const { stage } = world
    const names = ['installed-a', 'installed-b', 'installed-c']
    for (const name of names) await world.apply(name, spec(name))
    const sids = await world.oneEach(names)
    const since = await world.now()

    await stage.operator().kill()
    await stage.kubectl(['delete', '--wait=false', '-f', 'crds'])
    await stage.restart({ 'log-level': 'debug' })
    await until(
      'the CRDs are gone',
      async () => (await stage.cluster.kubectl(['get', 'crd', 'sinks.events.twilio.com'])).code !== 0,
      120_000,
    )
    for (const [index, name] of names.entries())
      expect((await tellingOf(world, name)).map(({ sid }) => sid)).toEqual([sids[index]])

    await until(
      'the account CRD is gone',
      async () =>
        (await stage.cluster.kubectl(['get', 'crd', 'twilioaccounts.events.twilio.com'])).code !== 0,
      120_000,
    )
    await stage.cluster.applyCrds('crds')
    await stage.kubectl(['delete', 'secret', 'twilio'])
    await giveAccount(stage)
    for (const name of names) await world.apply(name, spec(name))
    expect(await world.oneEach(names)).toEqual(sids)
    expect(await world.sent('CreateSink', since)).toEqual([])
    expect(await world.sent('DeleteSink', since)).toEqual([])
  })
}
