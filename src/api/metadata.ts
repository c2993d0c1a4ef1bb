import { z } from 'zod'

/** The few fields of `metav1.ObjectMeta` that the operator uses, as the API server returns them. */
export const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  /** Opaque; compared only where Kubernetes says that it may be. */
  resourceVersion: z.string(),
  generation: z.int(),
  /** RFC 3339, in seconds. */
  creationTimestamp: z.string(),
  /** RFC 3339, in seconds; present from the moment somebody asked for the deletion. */
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).default([]),
  annotations: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()).default({}),
})
export type Metadata = z.infer<typeof Metadata>
