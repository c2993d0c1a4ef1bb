import { z } from 'zod'
import type { ApiAccess } from '../../rigs/control-plane/api-access.ts'
import { resourceOf, type Use } from './used-rights.ts'

/** One verb on one resource, in one namespace or, with '', in all; on one name or, with '', on any. */
export type Right = {
  readonly verb: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

const Binding = z.object({
  metadata: z.object({ namespace: z.string().default('') }),
  roleRef: z.object({ kind: z.enum(['Role', 'ClusterRole']), name: z.string() }),
  subjects: z
    .array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .default([]),
})
const Role = z.object({
  rules: z.array(
    z.object({
      verbs: z.array(z.string()),
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      resourceNames: z.array(z.string()).default(['']),
    }),
  ),
})
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

/** What the roles that are bound to a service account grant, as the API server holds them. */
export async function rightsOf(api: ApiAccess, namespace: string, serviceAccount: string): Promise<Right[]> {
  const get = async (path: string): Promise<unknown> => (await api('GET', `${RBAC}/${path}`)).body
  const listed = async (plural: string) =>
    z.object({ items: z.array(Binding) }).parse(await get(plural)).items
  const bindings = [...(await listed('rolebindings')), ...(await listed('clusterrolebindings'))]
  const ours = bindings.filter(({ subjects }) =>
    subjects.some(
      (one) => one.kind === 'ServiceAccount' && one.name === serviceAccount && one.namespace === namespace,
    ),
  )
  const rights: Right[] = []
  for (const { metadata, roleRef } of ours) {
    const place = roleRef.kind === 'Role' ? `namespaces/${metadata.namespace}/roles` : 'clusterroles'
    const { rules } = Role.parse(await get(`${place}/${roleRef.name}`))
    rights.push(...rules.flatMap((rule) => rightsIn(rule, metadata.namespace)))
  }
  return rights
}

function rightsIn(rule: z.infer<typeof Role>['rules'][number], namespace: string): Right[] {
  return rule.verbs.flatMap((verb) =>
    rule.apiGroups.flatMap((apiGroup) =>
      rule.resources.flatMap((path) => {
        const [resource = '', subresource] = path.split('/')
        return rule.resourceNames.map((name) => ({
          verb,
          resource: resourceOf({ apiGroup, resource, subresource }),
          namespace,
          name,
        }))
      }),
    ),
  )
}

export const covers = (right: Right, use: Use): boolean =>
  right.verb === use.verb &&
  right.resource === use.resource &&
  (right.namespace === '' || right.namespace === use.namespace) &&
  (right.name === '' || right.name === use.name)

/** For people: `shop: patch sinks.events.twilio.com/status`. */
export const inWords = ({ verb, resource, namespace, name }: Right | Use): string =>
  `${namespace === '' ? 'everywhere' : namespace}: ${verb} ${resource}${name === '' ? '' : ` ${name}`}`
