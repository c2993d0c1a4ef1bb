import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import type { Timeline } from './timeline.ts'

const condition = (field: string): string => `{.status.conditions[?(@.type=="Ready")].${field}}`
const FIELDS = [
  '{.metadata.name}',
  condition('status'),
  condition('reason'),
  '{.status.sinkStatus}',
  '{.status.sid}',
  '{.spec.description}',
]
const JSONPATH = `jsonpath=${FIELDS.join('|')}{"\\n"}`

/** Prints each change of a Sink, as `kubectl get sinks --watch` shows it. */
export function followSinks(
  { kubectlPath, kubeconfigPath }: Pick<ControlPlane, 'kubectlPath' | 'kubeconfigPath'>,
  namespace: string,
  timeline: Timeline,
): { stop(): Promise<void> } {
  const args = ['--kubeconfig', kubeconfigPath, '-n', namespace, 'get', 'sinks', '--watch', '-o', JSONPATH]
  const child = spawn(kubectlPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const last = new Map<string, string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [name = '', ready = '', reason = '', status = '', sid = '', description = ''] = line.split('|')
    const now = `READY ${ready || '-'} ${reason ? `(${reason})` : ''}  status ${status || '-'}  ${sid || 'no SID'}  "${description}"`
    if (last.get(name) !== now) timeline.change(name, now)
    last.set(name, now)
  })
  return {
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}
