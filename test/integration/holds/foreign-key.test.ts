import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { ready, readyReason, sink } from '../operator/stage.ts'
import { keyDigest } from '../../../src/external/key-digest.ts'
import {
  deletionHeld,
  gone,
  hasFinalizer,
  now,
  setHoldsStage,
  startDeleting,
  wait,
  type HoldsStage,
  type Keys,
} from './holds-stage.ts'

let stage: HoldsStage
beforeAll(async () => {
  stage = await setHoldsStage('foreign-key')
})
afterAll(() => stage.end())

/** A TwilioAccount with three Sinks, and the key of a stranger. */
async function swapped(name: string): Promise<{ ours: string; theirs: string; right: Keys; wrong: Keys }> {
  const [ours, theirs] = [await stage.accountAtTwilio(), await stage.accountAtTwilio()]
  const [right, wrong] = [await stage.keyOf(ours), await stage.keyOf(theirs)]
  await stage.account(name, ours, right)
  await stage.sinks(name, 3)
  return { ours, theirs, right, wrong }
}

/** One Sink to be deleted and one to be created. */
async function pending(name: string): Promise<void> {
  await startDeleting(stage, `${name}-1`)
  await stage.apply(sink(`${name}-new`, { accountRef: { name } }))
}

/** Nothing was created, there or here, and no finalizer was removed. */
async function expectHeld(name: string, theirs: string): Promise<void> {
  await deletionHeld(stage, `${name}-1`)
  await Promise.all(['2', '3', 'new'].map((which) => readyReason(stage, `${name}-${which}`, 'ChangesHeld')))
  const before = await stage.creates()
  await wait()
  expect(await stage.creates()).toBe(before)
  expect(hasFinalizer(await stage.get('sinks', `${name}-1`))).toBe(true)
  expect(await stage.atTwilio(theirs)).toEqual([])
}

async function expectAllGoesOn(name: string, ours: string): Promise<void> {
  await stage.held(name, undefined)
  await gone(stage, `${name}-1`)
  await Promise.all(['2', '3', 'new'].map((which) => ready(stage, `${name}-${which}`)))
  expect(await stage.atTwilio(ours)).toHaveLength(3)
}

const sidsOf = (name: string) =>
  Promise.all(['2', '3'].map(async (which) => (await stage.get('sinks', `${name}-${which}`))?.status.sid))

it("holds everything when another account's key is put into the Secret, and goes on when it is put right", async () => {
  const name = 'running'
  const { ours, theirs, right, wrong } = await swapped(name)
  const sids = await sidsOf(name)
  await stage.putKeys(name, wrong)
  await stage.held(name, 'UnprovenCredential')
  await pending(name)
  await expectHeld(name, theirs)
  await stage.putKeys(name, right)
  await expectAllGoesOn(name, ours)
  expect(await sidsOf(name)).toEqual(sids)
})

it('judges the first LIST after a start before it creates, deletes or lets go', async () => {
  const name = 'starting'
  const { ours, theirs, right, wrong } = await swapped(name)
  await stage.operator().stop()
  await stage.putKeys(name, wrong)
  await pending(name)
  await stage.restart()
  await expectHeld(name, theirs)
  await stage.operator().kill()
  await stage.restart()
  await expectHeld(name, theirs)
  await stage.putKeys(name, right)
  await expectAllGoesOn(name, ours)
})

it('holds nothing of a new installation: its first sink is created through a key that has shown nothing yet', async () => {
  const ours = await stage.accountAtTwilio()
  const key = await stage.keyOf(ours)
  await stage.account('fresh', ours, key)
  await stage.apply(sink('fresh-1', { accountRef: { name: 'fresh' } }))
  await ready(stage, 'fresh-1')
  await until('the key is known', async () => {
    const account = await stage.held('fresh', undefined)
    return account.status.keys.some(({ digest }) => digest === keyDigest(key['TWILIO_API_KEY'] ?? ''))
  })
})

it('does not let a release of one key count for the next one', async () => {
  const name = 'released'
  const { theirs, wrong } = await swapped(name)
  await stage.putKeys(name, wrong)
  await stage.held(name, 'UnprovenCredential')
  const other = await stage.keyOf(theirs)
  await stage.operator().stop()
  await stage.allow(name, now())
  await stage.putKeys(name, other)
  await stage.restart()
  await until('the hold is one of the other key', async () => {
    const { status } = await stage.held(name, 'UnprovenCredential')
    return status.held?.key === keyDigest(other['TWILIO_API_KEY'] ?? '')
  })
  await wait()
  expect(await stage.atTwilio(theirs)).toEqual([])
})
