import { z } from 'zod'

const Probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.union([z.string(), z.number()]) }),
})

const Variable = z.object({
  name: z.string(),
  value: z.string().default(''),
  valueFrom: z.object({ fieldRef: z.object({ fieldPath: z.string() }) }).optional(),
})

const Container = z.object({
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).default([]),
  env: z.array(Variable).default([]),
  ports: z.array(z.object({ name: z.string().optional(), containerPort: z.number() })).default([]),
  readinessProbe: Probe,
  livenessProbe: Probe,
  resources: z.object({ requests: z.object({ memory: z.string().regex(/^\d+Mi$/u) }) }),
})

/** A Pod of one container, as far as a kubelet needs it to start that container. */
export const Pod = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.boolean().default(true),
    terminationGracePeriodSeconds: z.number(),
    containers: z.tuple([Container]),
  }),
  status: z.object({ phase: z.string() }),
})
export type Pod = z.infer<typeof Pod>
export type Container = z.infer<typeof Container>

/** The values that a Pod reads of itself, as the kubelet resolves them. */
export function environmentOf({ metadata, spec }: Pod): Record<string, string> {
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
  }
  const valueOf = ({ value, valueFrom }: Container['env'][number]): string => {
    if (valueFrom === undefined) return value
    const field = fields[valueFrom.fieldRef.fieldPath]
    if (field === undefined) throw new Error(`no stand-in for ${valueFrom.fieldRef.fieldPath}`)
    return field
  }
  return Object.fromEntries(spec.containers[0].env.map((variable) => [variable.name, valueOf(variable)]))
}
