import { describe, expect, test } from 'vitest'
import { CannotGoOn } from '../../../src/commands/cannot-go-on.ts'
import { releaseAll } from '../../../src/commands/releasing/release-all.ts'
import { fakeRelease } from './fake-release.ts'

const HERE = `AC${'1'.repeat(32)}`
const ELSEWHERE = `AC${'2'.repeat(32)}`

const descriptions = ({ twilio }: ReturnType<typeof fakeRelease>): string[] =>
  [...twilio.values()].flatMap(({ sinks }) => [...sinks.values()].map(({ description }) => description))

describe('a release', () => {
  test('takes out the marks, then removes the objects', async () => {
    const fake = fakeRelease([{ name: 'orders', accountSid: HERE }])
    const rows = await releaseAll(fake.release)
    expect(rows).toMatchObject([{ object: 'shop/orders', released: true }])
    expect(fake.objects.size).toBe(0)
    expect(descriptions(fake)).toEqual(['orders'])
  })

  test('that cannot know all marks writes nothing at all, not even where it knows them', async () => {
    const fake = fakeRelease([
      { name: 'known', accountSid: HERE },
      { name: 'unknown', accountSid: ELSEWHERE },
    ])
    const { settingsFor } = fake.release
    const release = {
      ...fake.release,
      settingsFor: (account: Parameters<typeof settingsFor>[0]) => {
        if (account.seen.accountSid === ELSEWHERE) throw new CannotGoOn('which installation is it?')
        return settingsFor(account)
      },
    }
    await expect(releaseAll(release)).rejects.toBeInstanceOf(CannotGoOn)
    expect(fake.writes).toEqual([])
    expect(descriptions(fake).filter((text) => !text.includes('[k8s:'))).toEqual([])
  })
})
