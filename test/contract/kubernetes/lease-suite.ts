import { expect, it } from 'vitest'
import { eventually } from '../../rigs/until.ts'
import type { LeaseRecord, LeaseStore } from '../../../src/leader-election/lease.ts'

/** Where the suite is run: the fake API server, or the real one. */
export interface LeaseGround {
  /** Another lease each time, which does not exist yet. */
  lease(): Promise<LeaseUnderTest>
}

export interface LeaseUnderTest {
  readonly client: LeaseStore
  /** Another connection to the same lease. */
  readonly competitor: LeaseStore
  /** As it is stored. */
  readonly stored: () => Promise<StoredLeaseObject>
  readonly remove: () => Promise<void>
  /** Somebody labels it, and changes nothing else. */
  readonly label: () => Promise<void>
}

export interface StoredLeaseObject {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec: Readonly<Record<string, unknown>>
}

const AT = Date.parse('2026-11-24T12:00:00.123Z')
const RECORD: LeaseRecord = {
  holder: 'pod-a_1',
  durationSeconds: 15,
  acquiredAt: AT,
  renewedAt: AT + 2_000,
  transitions: 3,
}

/** Duties of the port that leader election stands on (`LeaseStore` of src/leader-election/lease.ts). */
export function leaseSuite(ground: () => LeaseGround): void {
  it('reads none where there is none', async () => {
    const { client } = await ground().lease()
    expect(await client.read()).toBeUndefined()
  })

  it('creates it with the fields and formats of client-go, and reads them again', async () => {
    const { client, stored } = await ground().lease()
    const written = await client.write(RECORD, undefined)
    expect(await client.read()).toEqual(written)
    expect(written).toMatchObject({ holder: 'pod-a_1', durationSeconds: 15, transitions: 3 })
    expect((await stored()).spec).toEqual({
      holderIdentity: 'pod-a_1',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-24T12:00:00.123000Z',
      renewTime: '2026-11-24T12:00:02.123000Z',
      leaseTransitions: 3,
    })
  })

  it('creates none where there is one', async () => {
    const { client, competitor } = await ground().lease()
    await competitor.write({ ...RECORD, holder: 'competitor' }, undefined)
    expect(await client.write(RECORD, undefined)).toBe('conflict')
    expect(await client.read()).toMatchObject({ holder: 'competitor' })
  })

  it('changes just the version that was read', async () => {
    const { client, competitor } = await ground().lease()
    const first = await client.write(RECORD, undefined)
    if (first === 'conflict') throw new Error('it was there')
    const second = await competitor.write({ ...RECORD, holder: 'competitor' }, first.version)
    expect(second).toMatchObject({ holder: 'competitor' })
    expect(await client.write(RECORD, first.version)).toBe('conflict')
    expect(await client.read()).toEqual(second)
  })

  it('has another version after each write, also one that changes nothing of the election', async () => {
    const { client, label } = await ground().lease()
    const first = await client.write(RECORD, undefined)
    if (first === 'conflict') throw new Error('it was there')
    await label()
    const labelled = await client.read()
    expect(labelled).toEqual({ ...first, version: expect.not.stringMatching(`^${first.version}$`) as string })
    expect(await client.write(RECORD, first.version)).toBe('conflict')
  })

  it('leaves alone what others have written', async () => {
    const { client, label, stored } = await ground().lease()
    await client.write(RECORD, undefined)
    await label()
    const { version } = (await client.read()) ?? { version: '' }
    await client.write({ ...RECORD, holder: '', durationSeconds: 1 }, version)
    const after = await stored()
    expect(after.metadata.labels).toEqual({ seen: 'yes' })
    expect(after.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
    expect(await client.read()).toMatchObject({ holder: '', durationSeconds: 1 })
  })

  it('takes a deletion for a change', async () => {
    const { client, remove } = await ground().lease()
    const first = await client.write(RECORD, undefined)
    if (first === 'conflict') throw new Error('it was there')
    await remove()
    expect(await client.write(RECORD, first.version)).toBe('conflict')
    expect(await client.read()).toBeUndefined()
  })

  it('tells of changes soon', async () => {
    const { client, competitor } = await ground().lease()
    const watching = new AbortController()
    let told = 0
    client.watch(() => (told += 1), watching.signal)
    // A watch may still be on its way when the first change is made.
    const first = await competitor.write(RECORD, undefined)
    if (first === 'conflict') throw new Error('it was there')
    await eventually(() => told > 0)
    const before = told
    await competitor.write({ ...RECORD, holder: '' }, first.version)
    await eventually(() => told > before)
    watching.abort()
  })
}
