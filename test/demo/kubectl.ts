import type { Kubectl } from '../rigs/control-plane/kubectl.ts'
import { ShownSink } from './sink-object.ts'
import type { Timeline } from './timeline.ts'

/** Everything happens here, as in `docs/samples/`. */
export const DEMO_NAMESPACE = 'shop'

/** kubectl in the demo's namespace. What changes something is shown to the reader. */
export interface DemoKubectl {
  /** Rejects when kubectl fails. */
  read(...args: readonly string[]): Promise<string>
  run(...args: readonly string[]): Promise<void>
  /** Applies a text that was made from the named file. */
  apply(yaml: string, file: string): Promise<void>
  /** Runs what must be refused; resolves with what kubectl says. */
  refused(...args: readonly string[]): Promise<string>
  sink(name: string): Promise<ShownSink | undefined>
  sinks(): Promise<string>
}

export function demoKubectl(kubectl: Kubectl, timeline: Timeline): DemoKubectl {
  const read = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { stdout, stderr, code } = await kubectl(['-n', DEMO_NAMESPACE, ...args], stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`)
    return stdout
  }
  const show = (args: readonly string[]): void =>
    timeline.done(`kubectl -n ${DEMO_NAMESPACE} ${args.map(quoted).join(' ')}`)
  return {
    read: (...args) => read(args),
    run: async (...args) => {
      show(args)
      await read(args)
    },
    apply: async (yaml, file) => {
      timeline.done(`kubectl apply -f -   (${file} with the values of this demo)`)
      await read(['apply', '-f', '-'], yaml)
    },
    refused: async (...args) => {
      show(args)
      const { stderr, code } = await kubectl(['-n', DEMO_NAMESPACE, ...args])
      if (code === 0) throw new Error(`kubectl ${args.join(' ')} was not refused`)
      return stderr.trim()
    },
    sink: async (name) => {
      const json = await read(['get', 'sink', name, '--ignore-not-found', '-o', 'json'])
      return json.trim() === '' ? undefined : ShownSink.parse(JSON.parse(json))
    },
    sinks: () => read(['get', 'sinks', '-o', 'json']),
  }
}

function quoted(argument: string): string {
  return /^[\w./:=@,-]+$/u.test(argument) ? argument : `'${argument}'`
}
