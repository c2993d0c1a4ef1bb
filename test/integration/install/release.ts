import { join } from 'node:path'
import { CHART } from '../chart/chart.ts'
import type { Site } from './site.ts'

/** Times that make a life of minutes one of seconds; the proportions are those of the defaults. */
const QUICK = {
  pollInterval: '1s',
  settlingPollInterval: '500ms',
  callTimeout: '1s',
  settleTime: '2s',
  // A release that goes takes its rights along, and so cannot let its Lease go: the next one waits so long.
  leaseDuration: '8s',
  renewDeadline: '6s',
  retryPeriod: '1s',
  logLevel: 'debug',
}

/** Values for a release that this machine's Pods can run. */
export const valuesFor = ({ accountSid }: Site, more: Readonly<Record<string, unknown>> = {}) => ({
  image: { repository: 'registry.example.com/twilio-sink-operator' },
  account: { sid: accountSid, existingSecret: 'twilio' },
  operator: QUICK,
  ...more,
})

/** A namespace in which only Pods of the level `restricted` are taken, with the Secret of the default account. */
export async function createOwnNamespace(site: Site, name: string): Promise<void> {
  const { sid, secret } = site.key
  await site.kubectl(['create', 'namespace', name])
  await site.kubectl(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted'])
  const credentials = { TWILIO_API_KEY: sid, TWILIO_API_SECRET: secret }
  const literals = Object.entries(credentials).map(([field, value]) => `--from-literal=${field}=${value}`)
  await site.kubectl(['-n', name, 'create', 'secret', 'generic', 'twilio', ...literals])
}

/** The chart as another version of it would be: there is none before the first. */
export async function packedAs(site: Site, version: string): Promise<string> {
  const versions = ['--version', version, '--app-version', version]
  await site.helm(['package', CHART, ...versions, '--destination', site.cluster.folder])
  return join(site.cluster.folder, `twilio-sink-operator-${version}.tgz`)
}
