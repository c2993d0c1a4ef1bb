import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AccountOpener } from '../../../../src/commands/release/accounts.ts'
import { CommandError } from '../../../../src/commands/command-options.ts'
import { releaseSinks } from '../../../../src/commands/release/release-sinks.ts'
import { Sink } from '../../../../src/api/sink.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { PROTECT_ANNOTATION } from '../../../../src/commands/release/plan.ts'
import { fakeRelease, type FakeRelease } from './fake-release.ts'

const HERE = `AC${'1'.repeat(32)}`
const ELSEWHERE = `AC${'2'.repeat(32)}`

const BLIND: AccountOpener = {
  open: () => Promise.resolve({ ok: false, why: 'no credentials' }),
  opened: () => [],
}

const descriptions = ({ twilio }: FakeRelease): string[] =>
  [...twilio.values()].flatMap(({ sinks }) => [...sinks.values()].map(({ description }) => description))

describe('a release', () => {
  test('takes out the marks, then removes the objects', async () => {
    const fake = fakeRelease([{ name: 'orders', accountSid: HERE }])
    const rows = await releaseSinks(fake.release)
    expect(rows).toMatchObject([{ object: 'shop/orders', released: true }])
    expect(fake.objects.size).toBe(0)
    expect(descriptions(fake)).toEqual(['orders'])
  })

  test('that cannot know all marks writes nothing at all, not even where it knows them', async () => {
    const fake = fakeRelease([
      { name: 'known', accountSid: HERE },
      { name: 'unknown', accountSid: ELSEWHERE },
    ])
    const { plannedWith } = fake.release
    const open: typeof plannedWith.open = (sink) =>
      sink.status.accountSid === ELSEWHERE
        ? Promise.reject(new CommandError('which installation is it?'))
        : plannedWith.open(sink)
    const release = { ...fake.release, plannedWith: { ...plannedWith, open } }
    await expect(releaseSinks(release)).rejects.toBeInstanceOf(CommandError)
    expect(fake.writes).toEqual([])
    expect(descriptions(fake).filter((text) => !text.includes('[k8s:'))).toEqual([])
  })
})

describe('trouble in one place', () => {
  test('while an operator is waited for hides nothing of what is done', async () => {
    const list = () => Promise.reject(new KubernetesFailure('unavailable', 'no answer'))
    const fake = fakeRelease([{ name: 'orders', accountSid: HERE }], { list })
    expect(await releaseSinks(fake.release)).toMatchObject([{ object: 'shop/orders', released: true }])
    expect(descriptions(fake)).toEqual(['orders'])
  })
})

describe('a Sink that was new when it was planned', () => {
  function madeSince(): FakeRelease {
    const fake = fakeRelease([{ name: 'orders', accountSid: HERE }])
    const [recorded] = fake.release.scope.sinks.objects
    const fresh = Sink.parse({ ...recorded, metadata: { ...recorded?.metadata, finalizers: [] }, status: {} })
    const scope = { ...fake.release.scope, sinks: { objects: [fresh], unreadable: [] } }
    return { ...fake, release: { ...fake.release, scope, plannedWith: BLIND } }
  }

  test('goes without the mark of the sink that the operator has made since', async () => {
    const fake = madeSince()
    expect(await releaseSinks(fake.release)).toMatchObject([{ object: 'shop/orders', released: true }])
    expect(descriptions(fake)).toEqual(['orders'])
  })

  test('goes without its mark also when its sink was made while others of the account were released', async () => {
    const fake: FakeRelease = fakeRelease(
      [
        { name: 'earlier', accountSid: HERE },
        { name: 'orders', accountSid: HERE },
      ],
      {
        read: async ({ metadata: { name } }) => {
          if (name === 'orders') for (const one of late.splice(0)) sinks?.set(one.sid, one)
          return fake.objects.get(name)
        },
      },
    )
    const sinks = fake.twilio.get(HERE)?.sinks
    const late = [...(sinks?.values() ?? [])].slice(1)
    const [{ sid } = { sid: '' }] = late
    sinks?.delete(sid)
    const rows = await releaseSinks(fake.release)
    expect(rows).toMatchObject([{ released: true }, { released: true, sid }])
    expect(descriptions(fake)).toEqual(['earlier', 'orders'])
  })

  test('stays when the operator has made its sink since, in an account that cannot be seen', async () => {
    const fake = madeSince()
    const sid = fake.objects.get('orders')?.status.sid
    const rows = await releaseSinks({ ...fake.release, accounts: BLIND })
    expect(rows).toMatchObject([{ released: false, sid }])
    expect(fake.objects.size).toBe(1)
  })
})

describe('a protected Sink', () => {
  const LOCKED = { name: 'locked', accountSid: HERE, annotations: { [PROTECT_ANNOTATION]: 'true' } }
  const UNLOCK = `kubectl -n shop annotate sink locked ${PROTECT_ANNOTATION}-`

  test('is left wholly alone, with its mark, since its deletion would be refused', async () => {
    const fake = fakeRelease([LOCKED, { name: 'orders', accountSid: HERE }])
    const before = fake.objects.get('locked')
    const rows = await releaseSinks(fake.release)
    const sid = before?.status.sid
    expect(rows).toMatchObject([
      { object: 'shop/locked', released: false, sid },
      { object: 'shop/orders', released: true },
    ])
    expect(rows[0]?.outcome).toContain(UNLOCK)
    expect(fake.objects.get('locked')).toEqual(before)
    expect(fake.writes.filter((write) => write.endsWith('locked'))).toEqual([])
    expect(descriptions(fake)).toEqual([expect.stringContaining('[k8s:'), 'orders'])
  })

  test('keeps its mark, too, when it is protected while the release waits', async () => {
    const fake: FakeRelease = fakeRelease([{ name: 'locked', accountSid: HERE }], {
      read: async (sink) => {
        const { metadata } = fake.objects.get('locked') ?? sink
        return { ...sink, metadata: { ...metadata, annotations: LOCKED.annotations } }
      },
    })
    const rows = await releaseSinks(fake.release)
    expect(rows).toMatchObject([{ released: false }])
    expect(rows[0]?.outcome).toContain(UNLOCK)
    expect(descriptions(fake)).toEqual([expect.stringContaining('[k8s:')])
  })

  test('carries the annotation that the policy of the chart asks for', () => {
    const policy = readFileSync('charts/twilio-sink-operator/templates/admission-policy.yaml', 'utf8')
    expect(policy).toContain(`annotations[?'${PROTECT_ANNOTATION}'].orValue('') != 'true'`)
  })
})
