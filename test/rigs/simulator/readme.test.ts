import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEMO_ACCOUNT } from './accounts.ts'
import { FaultRule } from './faults.ts'
import { Settings } from './settings.ts'

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')

test('the README names every setting, with its default where that is a word or number', () => {
  const undocumented = Object.keys(Settings.shape).filter((name) => !readme.includes(`\`${name}\``))
  expect(undocumented).toEqual([])
  for (const value of Object.values(Settings.parse({}))) {
    if (typeof value === 'string' || typeof value === 'number') expect(readme).toContain(String(value))
  }
})

test('the README names every kind of fault and each of its members', () => {
  const members = FaultRule.options.flatMap(({ shape }) => [shape.kind.value, ...Object.keys(shape)])
  expect(members.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([])
})

test('the README gives credentials of the demo account that are the real ones', () => {
  const [key] = DEMO_ACCOUNT.keys ?? []
  for (const text of [DEMO_ACCOUNT.sid, DEMO_ACCOUNT.authToken, key?.sid, key?.secret])
    expect(readme).toContain(text)
})
