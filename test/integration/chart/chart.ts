import { fileURLToPath } from 'node:url'
import { loadAll } from 'js-yaml'
import { z } from 'zod'
import type { Command } from '../../rigs/control-plane/command.ts'

export const CHART = fileURLToPath(new URL('../../../charts/twilio-sink-operator', import.meta.url))
export const RELEASE = 'twilio-sink-operator'
export const INSTALL_NAMESPACE = 'twilio-system'

/** The one value without a default. */
export const IMAGE = { image: { repository: 'registry.example.com/twilio-sink-operator' } }
export const CHART_ACCOUNT = { account: { sid: `AC${'0'.repeat(32)}`, existingSecret: 'twilio' } }

/** As `values.yaml` has them, in part. */
export type Values = { readonly [key: string]: unknown }

export const ChartObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
})
export type ChartObject = z.infer<typeof ChartObject>

export type Rendered = { readonly yaml: string; readonly objects: readonly ChartObject[] }

export type RenderOptions = { readonly namespace?: string }

/** `helm template` with values on standard input. */
export async function render(helm: Command, values: Values, options: RenderOptions = {}): Promise<Rendered> {
  const { code, stdout, stderr } = await template(helm, values, options)
  if (code !== 0) throw new Error(`helm template ended with ${code}: ${stderr}`)
  const objects = loadAll(stdout).filter((object) => object !== null && object !== undefined)
  return { yaml: stdout, objects: objects.map((object) => ChartObject.parse(object)) }
}

/** What a person reads who gives a value that cannot be. */
export async function helmRefusal(helm: Command, values: Values): Promise<string> {
  const { code, stderr } = await template(helm, values, {})
  if (code === 0) throw new Error(`helm took ${JSON.stringify(values)}`)
  return stderr
}

function template(helm: Command, values: Values, { namespace = INSTALL_NAMESPACE }: RenderOptions) {
  const args = ['template', RELEASE, CHART, '--namespace', namespace, '--values', '-']
  return helm(args, JSON.stringify(values))
}

/** The only object of that kind. */
export function only(objects: readonly ChartObject[], kind: string): ChartObject {
  const [first, ...others] = objects.filter((object) => object.kind === kind)
  if (first === undefined || others.length > 0) throw new Error(`not one object of kind ${kind}`)
  return first
}
