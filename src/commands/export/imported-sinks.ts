import { UnusableKubeconfig } from '../../kubernetes/client/credentials.ts'
import { createReleaseClient } from '../../kubernetes/release-client.ts'
import { KubernetesFailure } from '../../reconciler/ports.ts'
import { systemClock } from '../../time/clock.ts'
import { VERSION } from '../../version.ts'
import { CommandError } from '../command-options.ts'
import type { ImportedSinks } from './objects/exported-account.ts'

/** The sinks of the Sinks of a cluster, of all namespaces. */
export async function importedSinks(kubeconfig: string | undefined): Promise<ImportedSinks> {
  const place = { path: kubeconfig, environment: process.env }
  const chance = { clock: systemClock, random: Math.random, version: VERSION }
  try {
    const client = await createReleaseClient({ kubeconfig: place, ...chance })
    const { objects, unreadable } = await client.sinks.list('').finally(() => client.close())
    const all = [...objects, ...unreadable.flatMap(({ partial }) => partial ?? [])]
    const pairs = all.flatMap(({ metadata: { namespace, name }, spec, status }) =>
      [status.sid, spec.import?.sid].flatMap((sid) =>
        sid === undefined ? [] : [[sid, `${namespace}/${name}`] as const],
      ),
    )
    return new Map(pairs)
  } catch (error) {
    if (error instanceof UnusableKubeconfig) throw new CommandError(error.message)
    if (error instanceof KubernetesFailure)
      throw new CommandError(`the Sinks of all namespaces cannot be listed: ${error.message}`)
    throw error
  }
}
