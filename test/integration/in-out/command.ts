import { spawn, type ChildProcess } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { BUNDLE } from '../../rigs/control-plane/bundle.ts'
import type { Stage } from '../operator/stage.ts'

export interface CommandEnd {
  /** Null after a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<CommandEnd>
}

const NO_CREDENTIALS = {
  TWILIO_ACCOUNT_SID: undefined,
  TWILIO_AUTH_TOKEN: undefined,
  TWILIO_API_KEY: undefined,
  TWILIO_API_SECRET: undefined,
}

/** A command of the program as people give it, as a process of its own. */
export function startCommand(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [BUNDLE, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...NO_CREDENTIALS, ...env },
    timeout: 120_000,
  })
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)])
  return { child, ended: ended.then(([status, stdout, stderr]) => ({ code: status, stdout, stderr })) }
}

export const credentialsOf = ({ accountSid, token }: Stage): NodeJS.ProcessEnv => ({
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: token,
})

export const exportInto = (stage: Stage, folder: string, more: readonly string[] = []): Promise<CommandEnd> =>
  startCommand(
    [
      'export',
      ...['--namespace', stage.namespace, '--output', folder, '--twilio-base-url', stage.simulator.url],
      ...more,
    ],
    credentialsOf(stage),
  ).ended

export const startRelease = (stage: Stage, more: readonly string[], env?: NodeJS.ProcessEnv): Started =>
  startCommand(
    [
      'release',
      ...['--namespace', stage.namespace, '--kubeconfig', stage.cluster.kubeconfigPath],
      ...['--twilio-base-url', stage.simulator.url, '--call-timeout', '2s', '--settle-time', '4s'],
      ...more,
    ],
    env,
  )

export const release = (
  stage: Stage,
  more: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<CommandEnd> => startRelease(stage, more, env).ended
