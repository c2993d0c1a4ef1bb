import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { ControlPlane } from '../rigs/control-plane/control-plane.ts'
import { adoptInto } from '../rigs/control-plane/run-folder.ts'
import { changes } from './sink-changes.ts'
import { ShownSink } from './sink-object.ts'
import type { Timeline } from './timeline.ts'

const WatchEvent = z.object({ type: z.string(), object: ShownSink })

/** Prints each change of a Sink as `kubectl get sinks --watch` learns of it; returns how to end that. */
export function watchSinks(
  cluster: ControlPlane,
  namespace: string,
  timeline: Timeline,
): () => Promise<void> {
  const { kubectlPath, kubeconfigPath, folder } = cluster
  const watch = ['get', 'sinks', '--watch', '--output-watch-events', '--output=json']
  const child = spawn(kubectlPath, ['--kubeconfig', kubeconfigPath, '-n', namespace, ...watch], {
    argv0: join(folder, 'kubectl'),
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // A demo without this view still checks everything.
  child.on('error', () => undefined)
  if (child.pid !== undefined) adoptInto(folder, child.pid)
  const tell = teller(timeline)
  let json = ''
  createInterface({ input: child.stdout }).on('line', (line) => {
    json += line
    const event = parsed(json)
    if (event === undefined) return
    tell(event)
    json = ''
  })
  return async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
}

/** Whether kubectl breaks events into lines depends on its version; a part of one is no JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function teller(timeline: Timeline): (event: unknown) => void {
  const last = new Map<string, ShownSink>()
  return (event) => {
    const read = WatchEvent.safeParse(event)
    if (!read.success) return
    const { type, object } = read.data
    const { name } = object.metadata
    const text = type === 'DELETED' ? 'the object is gone' : changes(last.get(name), object)
    if (text !== '') timeline.change(name, text)
    if (type === 'DELETED') last.delete(name)
    else last.set(name, object)
  }
}
