import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { createAccountInstaller, type AccountInstaller } from '../../../src/kubernetes/cluster.ts'
import { answer, FakeApiServer, statusAnswer, type Takeover, WIDGETS } from './fake-api-server.ts'
import { connect } from './widget-store.ts'

const ACCOUNT = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { namespace: 'default', name: 'default' },
  spec: { account: 'one', secret: { name: 'new' }, imports: 'Same' },
}
const PRESENT = { spec: { account: 'one', secret: { name: 'old' }, imports: 'Allowed', others: [1] } }

const it = test.extend<{ world: { readonly server: FakeApiServer; readonly installer: AccountInstaller } }>({
  world: async ({}, use) => {
    const server = await new FakeApiServer().start()
    const connection = connect(server.url)
    await use({ server, installer: createAccountInstaller(connection, WIDGETS) })
    await connection.close()
    await server.close()
  },
})

interface Seen {
  readonly url: string
  readonly type: string | undefined
  readonly body: unknown
}

/** Answers the look, then takes down what is applied. */
function applying(server: FakeApiServer, reply: Takeover): Seen[] {
  const seen: Seen[] = []
  const take = async (...[response, request]: Parameters<Takeover>): Promise<void> => {
    const { url = '', headers } = request
    seen.push({ url, type: headers['content-type'], body: JSON.parse(await text(request)) })
    reply(response, request)
  }
  server.takeovers.other.push(answer(200, PRESENT), (response, request) => void take(response, request))
  return seen
}

describe('a field of an account that is there', () => {
  it('is applied without force, with all that was applied before as it is now', async ({ world }) => {
    const seen = applying(world.server, answer(200, PRESENT))
    expect(await world.installer.change(ACCOUNT, 'secret')).toBe(true)
    expect(seen).toMatchObject([{ type: 'application/apply-patch+yaml' }])
    expect(seen[0]?.url).not.toContain('force')
    const spec = { account: 'one', secret: { name: 'new' }, imports: 'Allowed' }
    expect(seen[0]?.body).toEqual({ ...ACCOUNT, spec })
  })

  it.for([
    ['somebody else has set it', 409, {}],
    ['a rule refuses it', 422, { details: { causes: [{ field: 'spec.secret' }] } }],
    ['a policy refuses it', 403, {}],
  ] as const)('is left as it is where %s', async ([, code, body], { world }) => {
    applying(world.server, answer(code, { kind: 'Status', code, ...body }))
    expect(await world.installer.change(ACCOUNT, 'secret')).toBe(false)
  })

  it('is tried again by the caller when the API server does not answer as needed', async ({ world }) => {
    applying(world.server, statusAnswer(503))
    await expect(world.installer.change(ACCOUNT, 'secret')).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
