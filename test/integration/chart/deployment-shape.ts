import { z } from 'zod'
import { only, type Rendered } from './chart.ts'

const Probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) })

/** What tests look at of a Deployment. */
const Deployment = z.looseObject({
  spec: z.looseObject({
    replicas: z.number(),
    revisionHistoryLimit: z.number(),
    strategy: z.looseObject({ type: z.string() }),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        serviceAccountName: z.string(),
        terminationGracePeriodSeconds: z.number(),
        topologySpreadConstraints: z.array(z.looseObject({ topologyKey: z.string() })),
        containers: z.tuple([
          z.looseObject({
            image: z.string(),
            args: z.array(z.string()),
            env: z.array(z.looseObject({ name: z.string() })),
            ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number() })),
            livenessProbe: Probe,
            readinessProbe: Probe,
            securityContext: z.looseObject({}),
          }),
        ]),
      }),
    }),
  }),
})

export type DeploymentSpec = z.infer<typeof Deployment>['spec']

export const deploymentOf = ({ objects }: Rendered): DeploymentSpec =>
  Deployment.parse(only(objects, 'Deployment')).spec

export const containerOf = (rendered: Rendered) => deploymentOf(rendered).template.spec.containers[0]
