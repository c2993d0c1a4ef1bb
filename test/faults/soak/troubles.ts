import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultInput } from '../../rigs/simulator/faults.ts'
import type { Chance } from './chance.ts'
import { SOAK_NAMESPACE, type SoakScene } from './scene.ts'

/** Something that breaks for seconds and is repaired again. */
interface Trouble {
  readonly weight: number
  readonly name: string
  run(): Promise<void>
}

export interface Troubles {
  /** Lets one thing break, by chance; resolves when it is repaired, with what it was. */
  happen(): Promise<string>
}

export function createTroubles(scene: SoakScene, chance: Chance): Troubles {
  const { twilio, network, controlPlane, operator, api, accountSid } = scene
  let tokens = 0

  /** Strikes the operator alone. */
  const fault = async (rule: FaultInput, ms: number): Promise<void> => {
    const { id } = await twilio.addFault({ ...rule, match: { ...rule.match, credential: accountSid } })
    await sleep(ms)
    await twilio.removeFault(id)
  }
  const few = (rule: FaultInput) => fault({ ...rule, times: 3 }, 5_000)
  const create = { match: { operation: 'CreateSink' } }
  const seconds = () => chance.between(1_000, 4_000)

  const giveSecret = async (token: string): Promise<void> => {
    const stringData = { TWILIO_AUTH_TOKEN: token }
    const where = `/api/v1/namespaces/${SOAK_NAMESPACE}/secrets/twilio`
    await api('PATCH', where, { type: 'merge-patch+json', body: { stringData } })
  }

  /** Twilio first: then every call is refused until the Secret follows. */
  const rotate = async (): Promise<void> => {
    const token = `token-${(tokens += 1)}`
    await twilio.changeCredential(accountSid, { password: token })
    await sleep(seconds())
    await giveSecret(token)
  }

  const freeze = async (pid: number | undefined, ms: number): Promise<void> => {
    if (pid === undefined || pid === 0) return
    process.kill(pid, 'SIGSTOP')
    await sleep(ms)
    process.kill(pid, 'SIGCONT')
  }

  const killApiServer = async (): Promise<void> => {
    await controlPlane.apiServer.kill()
    await controlPlane.apiServer.start()
  }

  const blackHole = async (): Promise<void> => {
    network.blackHole()
    await sleep(seconds())
    network.heal()
  }

  const troubles: readonly Trouble[] = [
    { weight: 3, name: 'Twilio answers 503', run: () => fault({ kind: 'answer', status: 503 }, seconds()) },
    { weight: 2, name: 'Twilio answers 429', run: () => fault({ kind: 'answer', status: 429 }, seconds()) },
    { weight: 2, name: 'Twilio hangs', run: () => fault({ kind: 'hang' }, seconds()) },
    {
      weight: 3,
      name: 'creates are reset afterwards',
      run: () => few({ ...create, kind: 'reset', phase: 'after' }),
    },
    {
      weight: 3,
      name: 'creates are committed late',
      run: () => few({ ...create, kind: 'lateCommit', ms: 800 }),
    },
    { weight: 2, name: 'creates answer with HTML', run: () => few({ ...create, ...HTML, phase: 'after' }) },
    { weight: 2, name: 'a LIST shows the past', run: () => few({ kind: 'staleList', lagMs: 1_000 }) },
    {
      weight: 2,
      name: 'half a LIST',
      run: () => few({ kind: 'halfJson', match: { operation: 'ListSink' } }),
    },
    { weight: 3, name: 'the credential is changed', run: rotate },
    { weight: 3, name: 'connections to the API server are reset', run: async () => network.cut() },
    { weight: 3, name: 'the API server is in a black hole', run: blackHole },
    {
      weight: 2,
      name: 'the API server is frozen',
      run: () => freeze(controlPlane.apiServer.pid(), seconds()),
    },
    { weight: 1, name: 'the API server is killed', run: killApiServer },
    { weight: 1, name: 'the operator is frozen', run: () => freeze(operator.pid, 1_000) },
  ]

  return {
    happen: async () => {
      const trouble = chance.weighted(troubles)
      await trouble?.run()
      return trouble?.name ?? ''
    },
  }
}

const HTML = { kind: 'answer', status: 502, body: 'html' } as const
