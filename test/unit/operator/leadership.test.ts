import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLeadership } from '../../../src/operator/leadership.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'
import { KubernetesFailure, type KubernetesFailureKind } from '../../../src/reconciler/ports.ts'

/** What is logged when the Lease cannot be read for this reason. */
async function logOf(kind: KubernetesFailureKind): Promise<string> {
  const read = readOptions(OPERATOR_OPTIONS, ['--retry-period=5ms', '--namespace=ours'], {})
  if (read.ok !== true) throw new Error('wrong options')
  const lines: string[] = []
  const stop = new AbortController()
  const elector = createLeadership({
    options: read.options,
    log: createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
    podName: 'pod',
    metrics: createMetrics({ version: '', nodeVersion: '' }),
    cluster: {
      lease: () => ({
        read: () => Promise.reject(new KubernetesFailure(kind, 'as the test wants it')),
        write: () => Promise.reject(new Error('not asked for')),
        watch: () => undefined,
      }),
    },
  })
  const ended = elector.campaign(stop.signal)
  await wait(40)
  stop.abort()
  expect(await ended).toBe(false)
  expect(lines).toHaveLength(1)
  return lines.join('')
}

it.each([
  ['forbidden', 'create on leases'],
  ['not-found', '--namespace'],
  ['unavailable', 'retrying'],
] as const)('a Lease that is %s is told of once, with what to do: %s', async (kind, words) => {
  const line = await logOf(kind)
  expect(line).toContain(words)
  expect(line).toContain('"lease":"ours/twilio-sink-operator"')
})
