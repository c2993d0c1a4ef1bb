import { expect, it } from 'vitest'
import { asKeyDigest, keyDigest } from '../../../src/external/key-digest.ts'

const KEY = `SK${'1'.repeat(32)}`

it('tells keys apart and shows nothing of them', () => {
  expect(keyDigest(KEY)).not.toBe(keyDigest(`SK${'2'.repeat(32)}`))
  expect(keyDigest(KEY)).not.toContain('11')
  expect(keyDigest(KEY)).toMatch(/^[\w-]{16}$/u)
})

it('reads what version 0.1 has written into journals: the SID itself', () => {
  for (const sid of [KEY, `AC${'a'.repeat(32)}`]) expect(asKeyDigest(sid)).toBe(keyDigest(sid))
  expect(asKeyDigest(keyDigest(KEY))).toBe(keyDigest(KEY))
})
