import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { readBody } from './form.ts'
import { Settings, changedSettings } from './settings.ts'
import { changeSink, showSinks, showSubscriptions, removeSink } from './sink-administration.ts'
import { ResetPart, type World } from './world.ts'

/** One request to `/_simulator/…`. */
interface Order {
  readonly world: World
  /** What the path names, if anything. */
  readonly name: string
  readonly query: URLSearchParams
  readonly body: unknown
}

/** Answered as JSON: 200, or 404 for `undefined`. */
type Action = (order: Order) => object | undefined

const ResetOrder = z.strictObject({ only: z.array(ResetPart).optional() })
const Since = z.coerce.number().int().min(0)

const done = { done: true }

const actions: Readonly<Record<string, Action>> = {
  'GET settings': ({ world }) => world.settings,
  'PUT settings': ({ world, body }) => (world.settings = Settings.parse(body)),
  'PATCH settings': ({ world, body }) => (world.settings = changedSettings(world.settings, body)),
  'GET faults': ({ world }) => world.faults.list(),
  'POST faults': ({ world, body }) => world.faults.add(body),
  'DELETE faults': ({ world }) => {
    world.faults.clear()
    return done
  },
  'DELETE faults/': ({ world, name }) => (world.faults.remove(name) ? done : undefined),
  'POST reset': ({ world, body }) => {
    world.reset(ResetOrder.parse(body ?? {}).only ?? ResetPart.options)
    return done
  },
  'GET statistics': ({ world }) => world.statistics.view(),
  'GET journal': ({ world, query }) => world.journal.since(Since.parse(query.get('since') ?? 0)),
  'GET sinks': ({ world }) => showSinks(world),
  'PATCH sinks/': ({ world, name, body }) => changeSink(world, name, body),
  'DELETE sinks/': ({ world, name }) => (removeSink(world, name) ? done : undefined),
  'GET subscriptions': ({ world }) => showSubscriptions(world),
  'GET accounts': ({ world }) => world.accounts.list(),
  'POST accounts': ({ world, body }) => {
    world.accounts.add(body)
    return world.accounts.list()
  },
  'POST credentials': ({ world, body }) => world.accounts.addCredential(body),
  'PATCH credentials/': ({ world, name, body }) => world.accounts.changeCredential(name, body),
  'DELETE credentials/': ({ world, name }) => world.accounts.changeCredential(name, { revoked: true }),
}

export const ADMINISTRATION_PREFIX = '/_simulator/'

export async function serveAdministration(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readBody(request)
  const { status, body } = carryOut(world, request, text ?? '')
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

function carryOut(world: World, request: IncomingMessage, text: string): { status: number; body: object } {
  const url = new URL(request.url ?? '/', 'http://simulator')
  const [collection = '', name] = url.pathname.slice(ADMINISTRATION_PREFIX.length).split('/')
  const action = actions[`${request.method} ${collection}${name === undefined ? '' : '/'}`]
  if (!action) return { status: 404, body: { message: 'No such administration' } }
  try {
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    const result = action({ world, name: name ?? '', query: url.searchParams, body })
    return result ? { status: 200, body: result } : { status: 404, body: { message: 'No such thing' } }
  } catch (error) {
    return { status: 400, body: { message: explain(error) } }
  }
}

function explain(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error)
  return error instanceof Error ? error.message : 'Unreadable'
}
