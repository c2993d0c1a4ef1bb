import { expect } from 'vitest'
import { condition, isCurrent, readyCondition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import type { Life } from './lifecycle-life.ts'
import { expectOne, storyWebhook } from './lifecycle-living.ts'

/** SIGKILL after Twilio has made the sink and before the operator can know of it. */
export async function killedWhileCreating(life: Life): Promise<void> {
  const { stage } = life
  const { admin } = stage.simulator
  const spec = storyWebhook('killed')
  const match = { operation: 'CreateSink', description: spec.description }
  const fault = await admin.addFault({ kind: 'latency', phase: 'after', ms: 5_000, times: 1, match })
  await life.apply('killed', spec)
  await until('the sink is made', async () => (await life.described(spec.description)).length === 1)
  await stage.operator().kill()
  expect((await life.look('killed'))?.status.sid).toBeUndefined()
  await admin.removeFault(fault.id)
  await stage.restart()
  const [made] = await life.described(spec.description)
  await life.see('is adopted', 'killed', (object) => isCurrent(object) && object.status.sid === made?.sid)
  const reasons = ['Active', 'Initialized']
  await life.see('is settled', 'killed', (object) => reasons.includes(readyCondition(object)?.reason ?? ''))
  await expectOne(life, spec.description)
}

/** A wrong token says nothing about sinks: none is lost, none is made. */
export async function refusedForAWhile(life: Life): Promise<void> {
  const { stage } = life
  const { admin } = stage.simulator
  const before = (await admin.sinks()).map(({ sid }) => sid).sort()
  await admin.changeCredential(stage.accountSid, { password: 'another token' })
  await accountIs(life, ['Unauthorized', 'Forbidden'])
  await admin.changeCredential(stage.accountSid, { password: stage.token })
  await accountIs(life, ['Verified'])
  expect((await admin.sinks()).map(({ sid }) => sid).sort()).toEqual(before)
}

/** What the key may not read is not known, and what it once could read is not known any more. */
export async function rightsComeAndGo(life: Life): Promise<void> {
  const { stage, twilio } = life
  if (twilio.denied.length === 0) return
  const { admin } = stage.simulator
  await admin.changeCredential(stage.accountSid, { denied: [] })
  await life.see('shows its subscriptions', 'requested', ({ status }) => status.subscriptions !== undefined)
  await admin.changeCredential(stage.accountSid, { denied: [...twilio.denied] })
  await life.see('shows none', 'requested', ({ status }) => status.subscriptions === undefined)
}

async function accountIs({ stage }: Life, reasons: readonly string[]): Promise<void> {
  await until(`the account is ${reasons.join(' or ')}`, async () => {
    const account = await stage.get<SinkObject>('twilioaccounts', 'default')
    return reasons.includes(condition(account, 'Ready')?.reason ?? '')
  })
}
