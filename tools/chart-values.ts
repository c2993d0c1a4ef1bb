import { load } from 'js-yaml'

export interface ChartValue {
  /** `image.repository` */
  readonly path: string
  /** As JSON. */
  readonly default: string
  readonly description: string
}

const INDENT = 2

/**
 * The values of a chart with the comment `# -- …` above each. Throws when one has no comment: then neither it nor
 * anything below it would be described.
 */
export function chartValues(yaml: string): ChartValue[] {
  const defaults = load(yaml)
  const described: ChartValue[] = []
  const path: string[] = []
  let description: string | undefined
  let undescribed: string | undefined
  for (const line of yaml.split('\n')) {
    const [, comment] = /^ *# -- (.+)$/u.exec(line) ?? []
    if (comment !== undefined) description = comment
    const [, indent = '', key] = /^( *)([A-Za-z]\w*):/u.exec(line) ?? []
    if (key === undefined) continue
    path.splice(indent.length / INDENT, Infinity, key)
    const name = path.join('.')
    if (described.some(({ path: above }) => name.startsWith(`${above}.`))) continue
    if (undescribed !== undefined && !name.startsWith(`${undescribed}.`)) {
      throw new Error(`values.yaml: ${undescribed} has no comment "# -- …"`)
    }
    undescribed = description === undefined ? name : undefined
    if (description === undefined) continue
    described.push({ path: name, default: JSON.stringify(valueAt(defaults, path)), description })
    description = undefined
  }
  if (undescribed !== undefined) throw new Error(`values.yaml: ${undescribed} has no comment "# -- …"`)
  return described
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? new Map(Object.entries(at)).get(key) : undefined),
    value,
  )
}
