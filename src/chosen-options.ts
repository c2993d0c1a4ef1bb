import type { Address } from './option-values.ts'

/** All durations are in milliseconds. */
export interface Options {
  /** Only from the flag: `$KUBECONFIG` is looked at later. */
  readonly kubeconfig: string | undefined
  /** Empty: all. */
  readonly watchNamespaces: readonly string[]
  readonly namespace: string
  readonly defaultAccount: string | undefined
  readonly defaultAccountSid: string | undefined
  readonly defaultAccountSecret: string | undefined
  readonly defaultAccountImports: 'Same' | 'Allowed'
  readonly requireSecretLabel: boolean
  readonly twilioBaseUrl: string
  readonly installationId: string | undefined
  readonly pollInterval: number
  readonly settlingPollInterval: number
  readonly callTimeout: number
  readonly settleTime: number
  readonly maxConcurrentReconciles: number
  readonly maxCallsPerAccount: number
  readonly leaderElect: boolean
  readonly leaseDuration: number
  readonly renewDeadline: number
  readonly retryPeriod: number
  /** Undefined: switched off. */
  readonly metricsAddress: Address | undefined
  readonly healthAddress: Address | undefined
  readonly logLevel: string
}
