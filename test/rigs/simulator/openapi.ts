import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation | undefined>>>>
}

interface OpenApiOperation {
  readonly operationId: string
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, unknown>> } | undefined>
  >
}

/** What Twilio's file says of one operation. */
export interface DescribedOperation {
  readonly method: string
  readonly path: string
  /** By status; `null`: an answer without a body. */
  readonly answers: ReadonlyMap<number, ValidateFunction | null>
}

const file = new URL('twilio_events_v1.json', import.meta.url)

/** The operations of Twilio's OpenAPI file by name, each with a validator for each declared answer. */
export function describedOperations(): ReadonlyMap<string, DescribedOperation> {
  const document = JSON.parse(readFileSync(file, 'utf8'), nullableAsType) as Document
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addFormat('uri-map', true)
  ajv.addSchema(document, 'twilio')
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      operation?.operationId === undefined
        ? []
        : [
            [
              operation.operationId,
              { method, path, answers: answersOf(ajv, path, method, operation) },
            ] as const,
          ],
    ),
  )
  return new Map(entries)
}

function answersOf(ajv: Ajv, path: string, method: string, { responses }: OpenApiOperation) {
  return new Map(
    Object.entries(responses).map(([status, answer]) => {
      if (!answer?.content) return [Number(status), null] as const
      const pointer = ['paths', path, method, 'responses', status, 'content', 'application/json', 'schema']
      const fragment = pointer.map((part) => encodeURIComponent(part.replaceAll('/', '~1'))).join('/')
      return [Number(status), ajv.compile({ $ref: `twilio#/${fragment}` })] as const
    }),
  )
}

/** JSON Schema knows no `nullable`: a nullable type becomes a list of two; where no type is given, null fits anyway. */
function nullableAsType(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value)) return value
  const { nullable, ...schema } = value
  return nullable === true && 'type' in schema ? { ...schema, type: [schema.type, 'null'] } : schema
}
