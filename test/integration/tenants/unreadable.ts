import { until } from '../../rigs/until.ts'
import type { ApiAccess } from '../../rigs/control-plane/api-access.ts'
import type { Tenant } from './tenant.ts'

/** A TwilioAccount that this version of the operator cannot read, as a newer definition may allow. */
export async function unreadableAccount(api: ApiAccess, tenant: Tenant, accountSid: string): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/twilioaccounts.events.twilio.com'
  const strict = (await api('GET', path)).body as Definition
  const lax = structuredClone(strict)
  for (const { schema } of lax.spec.versions) {
    const { from } = schema.openAPIV3Schema.properties.spec.properties.allowedNamespaces.properties
    from.enum.push('Nobody')
  }
  const put = async (definition: Definition): Promise<void> => {
    const metadata = { ...definition.metadata, resourceVersion: undefined }
    const body = { spec: { versions: definition.spec.versions }, metadata }
    const { status } = await api('PATCH', path, { type: 'merge-patch+json', body })
    if (status !== 200) throw new Error(`The definition: ${status}`)
  }
  await put(lax)
  const spec = { accountSid, credentialsSecretRef: { name: 'newer' }, allowedNamespaces: { from: 'Nobody' } }
  const isTaken = (name: string): Promise<boolean> =>
    tenant.apply('TwilioAccount', name, { spec }).then(
      () => true,
      () => false,
    )
  await until('the wider definition is in force', () => isTaken('newer'))
  await put(strict)
  let probes = 0
  await until('the definition is as it was', async () => {
    // What is stored already may stay as it is, so that each probe is another one.
    const name = `probe-${probes++}`
    const taken = await isTaken(name)
    if (taken) await tenant.remove('TwilioAccount', name)
    return !taken
  })
}

interface Definition {
  readonly metadata: object
  readonly spec: {
    readonly versions: {
      readonly schema: {
        readonly openAPIV3Schema: {
          readonly properties: {
            readonly spec: {
              readonly properties: {
                readonly allowedNamespaces: {
                  readonly properties: { readonly from: { readonly enum: string[] } }
                }
              }
            }
          }
        }
      }
    }[]
  }
}
