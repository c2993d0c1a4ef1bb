import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alerts } from '../../tools/alerts.ts'
import { findPrograms } from '../rigs/control-plane/binaries.ts'
import { whyMissing } from '../rigs/control-plane/optional-program.ts'

/** The alerts, in Prometheus' own hands: integrations/prometheus/alerts.test.yaml. */

const missing = await whyMissing('promtool')
if (missing !== undefined) console.warn(`The alerts are not tested. ${missing}`)

const HERE = new URL('../../integrations/prometheus/', import.meta.url)
const RULES = readFileSync(new URL('alerts.yaml', HERE), 'utf8')
const TESTS = readFileSync(new URL('alerts.test.yaml', HERE), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'alert-rules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { tests } = z
  .looseObject({
    tests: z.array(
      z.looseObject({
        name: z.string(),
        alert_rule_test: z.array(z.looseObject({ alertname: z.string() })).default([]),
      }),
    ),
  })
  .parse(load(TESTS))

/** Exit code and output. */
async function promtool(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> {
  const path = join(await findPrograms(['promtool']), 'promtool')
  return new Promise((resolve) => {
    execFile(path, args, { cwd: folder }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, said: stdout + stderr })
    })
  })
}

/** With these rules, the tests of this name. */
async function tested(rules: string, name = ''): ReturnType<typeof promtool> {
  writeFileSync(join(folder, 'alerts.yaml'), rules)
  writeFileSync(join(folder, 'alerts.test.yaml'), TESTS)
  return promtool('test', 'rules', `--run=^${name}`, 'alerts.test.yaml')
}

/** The rules, with another query for one alert. */
function withQuery(alert: string, expr: string): string {
  const lines = RULES.split('\n')
  const at = lines.findIndex((line) => line.endsWith(`- alert: ${alert}`)) + 1
  expect(lines[at]).toMatch(/^ +expr: /u)
  return lines.with(at, `        expr: ${expr}`).join('\n')
}

describe.skipIf(missing !== undefined)('promtool', () => {
  test('finds nothing wrong with the rules', async () => {
    writeFileSync(join(folder, 'alerts.yaml'), RULES)
    expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', 'alerts.yaml')).toMatchObject({
      code: 0,
    })
  })

  test('sees each alert silent, firing alone for its fault, and silent again', async () => {
    expect(await tested(RULES)).toMatchObject({ code: 0 })
  })

  test.each(alerts().map(({ rule }) => rule))(
    'would notice that $alert never fires, and that it always does',
    async ({ alert }) => {
      const { name } = tests.find(({ alert_rule_test: [first] }) => first?.alertname === alert) ?? {}
      expect(await tested(RULES, name)).toMatchObject({ code: 0 })
      expect(await tested(withQuery(alert, 'vector(1) > 2'), name)).toMatchObject({ code: 1 })
      expect(await tested(withQuery(alert, 'vector(1)'), name)).toMatchObject({ code: 1 })
    },
  )
})
