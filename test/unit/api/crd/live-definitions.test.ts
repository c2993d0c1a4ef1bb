import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { customResourceDefinition } from '../../../../src/api/crd/crd.ts'
import { SINK_KIND, TWILIO_ACCOUNT_KIND } from '../../../../src/api/crd/custom-resources.ts'
import { missingFields, NEEDED_FIELDS } from '../../../../src/api/crd/live-definitions.ts'

type Schema = Record<string, unknown>

/** As the API server publishes the CRDs of this version; `change` gets the schemas by kind, `paths` what is served. */
function published(change: (schemas: Record<string, Schema>, paths: Schema) => void = () => undefined) {
  const schemas: Record<string, Schema> = {}
  const paths: Schema = {}
  for (const kind of [SINK_KIND, TWILIO_ACCOUNT_KIND]) {
    const [version] = customResourceDefinition(kind).spec.versions
    schemas[kind.kind] = {
      ...structuredClone(version?.schema.openAPIV3Schema),
      'x-kubernetes-group-version-kind': [
        { group: 'events.twilio.com', version: 'v1alpha1', kind: kind.kind },
      ],
    }
    paths[`/apis/events.twilio.com/v1alpha1/namespaces/{namespace}/${kind.plural}/{name}/status`] = {}
  }
  change(schemas, paths)
  return { components: { schemas }, paths }
}

/** The schema at `path`; `[]` stands for the items of a list. */
function schemaAt(schema: Schema | undefined, ...path: readonly string[]): Schema {
  const found = path.reduce<Schema | undefined>(
    (here, name) => (name === '[]' ? here?.['items'] : (here?.['properties'] as Schema)[name]) as Schema,
    schema,
  )
  if (found === undefined) throw new Error(`no ${path.join('.')}`)
  return found
}

const without =
  (kind: string, ...path: readonly string[]) =>
  (schemas: Record<string, Schema>): void => {
    const parent = schemaAt(schemas[kind], ...path.slice(0, -1))
    delete (parent['properties'] as Schema)[path.at(-1) ?? '']
  }

describe('the fields that live CRDs lack', () => {
  it('are none with the CRDs of this version', () => {
    expect(missingFields(published())).toEqual({ needed: [], others: [] })
  })

  it('are, where they matter, named on the page for whoever has to mend it', () => {
    const page = readFileSync(new URL('../../../../docs/crds.md', import.meta.url), 'utf8')
    const listed = /<!-- needed fields -->(?<list>[^]*)<!-- end -->/u.exec(page)?.groups?.['list'] ?? ''
    expect([...listed.matchAll(/`(?<field>[^`]+)`/gu)].map(({ groups }) => groups?.['field'])).toEqual(
      NEEDED_FIELDS,
    )
  })

  it.each(NEEDED_FIELDS)('include %s, which exists, and which nothing is created without', (field) => {
    const [name, ...path] = field.split('.')
    const kind = name === 'sink' ? 'Sink' : 'TwilioAccount'
    expect(missingFields(published(without(kind, ...path)))).toEqual({ needed: [field], others: [] })
  })

  it.each([
    { what: 'the kinds', document: undefined, needed: ['sink', 'twilioaccount'] },
    {
      what: 'one kind',
      document: published((schemas) => delete schemas['Sink']),
      needed: ['sink'],
    },
    {
      what: 'the whole status',
      document: published(without('Sink', 'status')),
      needed: ['sink.status'],
    },
    {
      what: 'the status subresource',
      document: published(
        (_, paths) =>
          delete paths['/apis/events.twilio.com/v1alpha1/namespaces/{namespace}/sinks/{name}/status'],
      ),
      needed: ['sink.status'],
    },
    {
      what: 'a part of a needed field, within a list',
      document: published(without('TwilioAccount', 'status', 'held', 'items', '[]', 'id')),
      needed: ['twilioaccount.status.held.items[].id'],
    },
  ])('keep creates back when $what is missing', ({ document, needed }) => {
    expect(missingFields(document)).toEqual({ needed, others: [] })
  })

  it('are only named when nothing depends on them', () => {
    const document = published((schemas) => {
      without('Sink', 'status', 'lastTest')(schemas)
      without('TwilioAccount', 'spec', 'allowedNamespaces', 'selector')(schemas)
    })
    expect(missingFields(document)).toEqual({
      needed: [],
      others: ['sink.status.lastTest', 'twilioaccount.spec.allowedNamespaces.selector'],
    })
  })

  it('are none where the API server keeps what it does not know', () => {
    const document = published((schemas) => {
      without('Sink', 'status', 'sid')(schemas)
      schemaAt(schemas['Sink'], 'status')['x-kubernetes-preserve-unknown-fields'] = true
    })
    expect(missingFields(document)).toEqual({ needed: [], others: [] })
  })

  it('are none with the CRDs of a newer version', () => {
    const document = published((schemas) => {
      const properties = schemaAt(schemas['Sink'], 'spec')['properties'] as Schema
      properties['future'] = { type: 'string' }
    })
    expect(missingFields(document)).toEqual({ needed: [], others: [] })
  })
})
