import type { IncomingMessage, ServerResponse } from 'node:http'
import { runLater, sleep } from './clock.ts'
import { rawAnswer, reset, send, sendHalf, withhold, type RawAnswer } from './delivery.ts'
import { errorBody } from './errors.ts'
import { faultAnswer, unavailable } from './fault-answer.ts'
import type { Fault, Latency } from './faults.ts'
import { readBody } from './form.ts'
import { processCall } from './process-call.ts'
import { faultSubject, openVisit, type Visit } from './visit.ts'
import type { World } from './world.ts'

type LateCommit = Pick<Extract<Fault, { kind: 'lateCommit' }>, 'kind' | 'ms' | 'reply'>

/** A fault with the pauses around it. */
interface Plan {
  readonly fault: Fault | LateCommit | undefined
  readonly beforeMs: number
  readonly afterMs: number
}

/**
 * Serves one request to the API. A call goes on, and takes effect, also when its client is gone, as at any server.
 * Nothing happens after the signal.
 */
export async function serveApi(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const body = await readBody(request)
  if (body === undefined) return refuseBody(response)
  const visit = openVisit(world, request, response, body)
  const plan = makePlan(visit)
  visit.entry.fault = plan.fault?.kind ?? null
  await sleep(plan.beforeMs, signal)
  await carryOut(visit, plan, signal)
}

function makePlan({ world, entry }: Visit): Plan {
  const { latencies, fault } = world.faults.take(faultSubject(entry))
  const { lateCommit, latencyMs } = world.settings
  const implied =
    lateCommit && entry.method !== 'GET' ? { kind: 'lateCommit' as const, ...lateCommit } : undefined
  const pause = (phase: Latency['phase']): number =>
    latencies.filter((latency) => latency.phase === phase).reduce((sum, { ms }) => sum + ms, 0)
  return { fault: fault ?? implied, beforeMs: latencyMs + pause('before'), afterMs: pause('after') }
}

async function carryOut(visit: Visit, { fault, afterMs }: Plan, signal: AbortSignal): Promise<void> {
  if (fault && 'phase' in fault) return strike(visit, fault, afterMs, signal)
  if (fault?.kind === 'lateCommit') return commitLater(visit, fault, signal)
  const answer = rawAnswer(processCall(visit, fault?.kind === 'staleList' ? fault.lagMs : 0))
  await sleep(afterMs, signal)
  if (fault?.kind === 'halfJson') sendHalf(visit, answer, fault.cut)
  else send(visit, answer)
}

type PhasedFault = Extract<Fault, { phase: string }>

/** The fault takes the place of the answer; the call takes effect or not. */
async function strike(visit: Visit, fault: PhasedFault, afterMs: number, signal: AbortSignal): Promise<void> {
  if (fault.phase === 'after') processCall(visit)
  await sleep(afterMs, signal)
  if (fault.kind === 'answer') send(visit, faultAnswer(fault))
  if (fault.kind === 'reset') reset(visit)
  if (fault.kind === 'hang') withhold(visit)
}

function commitLater(visit: Visit, { ms, reply }: LateCommit, signal: AbortSignal): void {
  runLater(ms, () => processCall(visit), signal)
  if (reply === 'error') send(visit, unavailable)
  if (reply === 'reset') reset(visit)
  if (reply === 'hang') withhold(visit)
}

/** Too large, or ended early by its client, who then sees nothing of this. */
function refuseBody(response: ServerResponse): void {
  const refusal: RawAnswer = rawAnswer({
    status: 413,
    body: errorBody(413, 20413, 'Request body is too large'),
  })
  if (response.closed) return
  response.writeHead(refusal.status, { 'Content-Type': refusal.contentType, Connection: 'close' })
  response.end(refusal.text)
}
