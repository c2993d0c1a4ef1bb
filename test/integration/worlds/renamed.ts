import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { spec, tellingOf, type LiveWorld } from './world.ts'

const PAGE = 'docs/rename.md'

/** What the page tells people to type, as it stands there. */
async function recipe(): Promise<string> {
  const blocks = [...(await readFile(PAGE, 'utf8')).matchAll(/^```sh\n(.*?)^```$/gmsu)].map(
    ([, commands]) => commands,
  )
  return blocks.join('')
}

/** The page is about the Sink of the samples, on what the README installs; test/integration/install runs it there. */
function asHere(commands: string, namespace: string): string {
  const { description, webhook } = spec('orders')
  return commands
    .replaceAll(/-n (?:shop|twilio-system)\b/gu, `-n ${namespace}`)
    .replaceAll(/description: .*/gu, `description: ${description}`)
    .replaceAll(/destination: [^}]*/gu, `destination: ${webhook.destination}`)
}

/** C31 and section 'Rename' of the README: run from the page, so that the page cannot be wrong. */
export function renamed(the: () => LiveWorld): void {
  test('a Sink is renamed by the commands on the page: the same SID, no create, no delete', async () => {
    const world = the()
    const { stage } = world
    await world.apply('orders', spec('orders'))
    const [sid] = await world.oneEach(['orders'])
    const since = await world.now()

    const { kubeconfigPath, kubectlPath } = stage.cluster
    const env = {
      ...process.env,
      KUBECONFIG: kubeconfigPath,
      KUBECACHEDIR: join(stage.cluster.folder, 'kubectl-cache'),
      PATH: `${dirname(kubectlPath)}${delimiter}${process.env['PATH'] ?? ''}`,
    }
    const commands = asHere(await recipe(), stage.namespace)
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], { env, timeout: 120_000 })

    expect(await world.look('orders')).toBeUndefined()
    const after = await world.see('has the sink', 'purchases', ({ status }) => status.sid === sid)
    expect(after.spec['deletionPolicy']).toBe('Delete')
    expect((await tellingOf(world, 'orders')).map((sink) => sink.sid)).toEqual([sid])
    expect(await world.sent('CreateSink', since)).toEqual([])
    expect(await world.sent('DeleteSink', since)).toEqual([])
    expect(await world.sent('UpdateSink', since), 'its mark alone is rewritten').toEqual([sid])

    await world.remove('purchases')
    await world.gone('purchases')
    expect(await world.atTwilio(sid), 'it belongs to the new name now').toBeUndefined()
  })
}
