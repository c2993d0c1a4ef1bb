import { z } from 'zod'
import type { ClusterAccess } from '../../rigs/control-plane/cluster-access.ts'

const Review = z.object({
  status: z.object({
    incomplete: z.boolean(),
    resourceRules: z.array(
      z.object({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).default([]),
        resources: z.array(z.string()).default([]),
        resourceNames: z.array(z.string()).default([]),
      }),
    ),
  }),
})

/**
 * All that a service account may do in a namespace and one without any binding may not, as the API server's authorizer
 * has it: `get secrets`, `patch sinks.events.twilio.com/status`, `get namespaces:kube-system`; sorted.
 */
export async function rightsIn(
  cluster: ClusterAccess,
  namespace: string,
  [home, name]: readonly [namespace: string, name: string],
): Promise<string[]> {
  const [own, everybodys] = await Promise.all([
    allRights(cluster, namespace, `system:serviceaccount:${home}:${name}`),
    allRights(cluster, namespace, `system:serviceaccount:${home}:without-binding`),
  ])
  return own.filter((right) => !everybodys.includes(right)).sort()
}

async function allRights({ kubectl }: ClusterAccess, namespace: string, user: string): Promise<string[]> {
  const body = JSON.stringify({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  })
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
  const { code, stdout, stderr } = await kubectl(['create', `--raw=${path}`, '-f', '-', `--as=${user}`], body)
  if (code !== 0) throw new Error(stderr)
  const { resourceRules } = Review.parse(JSON.parse(stdout)).status
  return [...new Set(resourceRules.flatMap(asWords))]
}

type Rule = z.infer<typeof Review>['status']['resourceRules'][number]

function asWords({ verbs, apiGroups, resources, resourceNames }: Rule): string[] {
  const kinds = apiGroups.flatMap((group) => resources.map((resource) => qualified(resource, group)))
  const places = kinds.flatMap((kind) =>
    resourceNames.length === 0 ? [kind] : resourceNames.map((name) => `${kind}:${name}`),
  )
  return places.flatMap((place) => verbs.map((verb) => `${verb} ${place}`))
}

function qualified(resource: string, group: string): string {
  const [plural = '', ...sub] = resource.split('/')
  return [group === '' ? plural : `${plural}.${group}`, ...sub].join('/')
}
