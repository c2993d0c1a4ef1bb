import { repeated, type Eyes, type SwitchRow } from './switch-row.ts'

const foreign = 'http://elsewhere.example.com'

async function listAfterCreate({ create, call }: Eyes): Promise<number> {
  await create()
  return (await call('GET', '/v1/Sinks')).body.sinks.length
}

async function takesLong(action: () => Promise<unknown>): Promise<boolean> {
  const start = performance.now()
  await action()
  return performance.now() - start >= 490
}

export const listSwitches: readonly SwitchRow[] = [
  {
    set: { maxPageSize: 2 },
    see: async ({ call, create }) => {
      await repeated(3, () => create())
      const { meta, sinks } = (await call('GET', '/v1/Sinks?PageSize=1000')).body
      return [meta.page_size, sinks.length, meta.next_page_url !== null]
    },
    usual: [1000, 3, false],
    turned: [2, 2, true],
  },
  {
    set: { pageSizeOverMaximum: 'refused' },
    see: async ({ call }) => (await call('GET', '/v1/Sinks?PageSize=1001')).body.code,
    usual: undefined,
    turned: 91002,
  },
  {
    set: { listOrder: 'newestFirst' },
    see: async ({ call, create }) => {
      const made = (await repeated(3, () => create())).map(({ body }) => body.sid)
      const first = (await call('GET', '/v1/Sinks?PageSize=2')).body
      const second = (await call('GET', String(first.meta.next_page_url))).body
      return [...first.sinks, ...second.sinks].map(({ sid }) => made.indexOf(sid))
    },
    usual: [0, 1, 2],
    turned: [2, 1, 0],
  },
  {
    set: { pageUrlOrigin: foreign },
    see: async ({ call }) =>
      String((await call('GET', '/v1/Sinks')).body.meta.first_page_url).startsWith(foreign),
    usual: false,
    turned: true,
  },
  {
    set: { listedShare: 0.5 },
    see: async ({ call, create }) => {
      await repeated(4, () => create())
      const { meta, sinks } = (await call('GET', '/v1/Sinks')).body
      return [sinks.length, meta.next_page_url]
    },
    usual: [4, null],
    turned: [2, null],
  },
  { set: { listLagMs: 60_000 }, see: listAfterCreate, usual: 1, turned: 0 },
  {
    set: { fetchLagMs: 60_000 },
    see: async ({ call, create }) => (await call('GET', `/v1/Sinks/${(await create()).body.sid}`)).status,
    usual: 200,
    turned: 404,
  },
  {
    set: { lateCommit: { ms: 0, reply: 'error' } },
    see: async ({ create }) => (await create()).status,
    usual: 201,
    turned: 503,
  },
  {
    set: { latencyMs: 500 },
    see: ({ call }) => takesLong(() => call('GET', '/v1/Sinks')),
    usual: false,
    turned: true,
  },
  {
    set: { maxConcurrentCalls: 1 },
    see: async ({ call, simulator }) => {
      await simulator.admin.addFault({ kind: 'latency', ms: 150 })
      const both = await Promise.all([call('GET', '/v1/Sinks'), call('GET', '/v1/Sinks')])
      return both.map((received) => received.status).toSorted()
    },
    usual: [200, 200],
    turned: [200, 429],
  },
  {
    set: { headers: false },
    see: async ({ call }) =>
      /^RQ[0-9a-f]{32}$/.test((await call('GET', '/v1/Sinks')).headers.get('Twilio-Request-Id') ?? ''),
    usual: true,
    turned: false,
  },
]
