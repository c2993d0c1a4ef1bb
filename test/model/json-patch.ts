import type { JsonPatchOperation } from '../../src/reconciler/ports.ts'

/** The object after a patch as RFC 6902 has it, as far as the operator uses it; `conflict` when a test fails. */
export function patched<T>(object: T, operations: readonly JsonPatchOperation[]): T | 'conflict' {
  let after: unknown = object
  for (const operation of operations) {
    const names = operation.path
      .slice(1)
      .split('/')
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (operation.op === 'test') {
      const found = names.reduce<unknown>(
        (at, name) => (at as Record<string, unknown> | undefined)?.[name],
        after,
      )
      if (found !== operation.value) return 'conflict'
    } else after = changed(after, names, operation)
  }
  return after as T
}

/** Shares what stays as it was. */
function changed(
  at: unknown,
  [name = '', ...rest]: readonly string[],
  operation: Exclude<JsonPatchOperation, { op: 'test' }>,
): unknown {
  if (Array.isArray(at)) {
    const copy: unknown[] = [...(at as unknown[])]
    if (operation.op === 'remove') copy.splice(Number(name), 1)
    else if (name === '-') copy.push(operation.value)
    else copy[Number(name)] = operation.value
    return copy
  }
  const { [name]: before, ...others } = at as Record<string, unknown>
  if (rest.length > 0) return { ...(at as object), [name]: changed(before, rest, operation) }
  return operation.op === 'remove' ? others : { ...others, [name]: operation.value }
}
