import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { VERSION } from '../../src/version.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('the program has the version of its package', () => {
  expect((JSON.parse(read('package.json')) as { version: unknown }).version).toBe(VERSION)
})

test('the chart has it, too, and installs the image of that version', () => {
  expect(load(read('charts/twilio-sink-operator/Chart.yaml'))).toMatchObject({
    version: VERSION,
    appVersion: VERSION,
  })
})
