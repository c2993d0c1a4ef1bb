import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as Context from '../../src/reconciler/context.ts'
import type * as CacheChanges from '../../src/reconciler/observe/cache-changes.ts'
import type * as AccountReconciler from '../../src/reconciler/account-reconciler.ts'
import type * as SinkReconciler from '../../src/reconciler/sink-reconciler.ts'
import type * as Ports from '../../src/reconciler/ports.ts'
import type * as Failure from '../../src/external/failure.ts'

/** One text of one source file in place of another: how a wording of the design is undone. */
export interface Edit {
  readonly file: string
  /** Occurs exactly once. */
  readonly from: string
  readonly to: string
}

/** The code under exploration: the product's own, or the same with some wording undone. */
export type Product = Pick<typeof Context, 'createContext'> &
  Pick<typeof CacheChanges, 'recordSinkChange' | 'accountsOf' | 'concernsAccount' | 'sinksConcerned'> &
  Pick<typeof AccountReconciler, 'reconcileAccount'> &
  Pick<typeof SinkReconciler, 'reconcileSink'> &
  Pick<typeof Ports, 'KubernetesFailure'> &
  Pick<typeof Failure, 'TwilioFailure'>

const ROOT = new URL('../../', import.meta.url)
const QUERY = /\?variant=(?<id>\d+)$/u
/** What a variant may change; everything below is shared. */
const EDITABLE = /\/src\/(?:external|sink|account|reconciler)\//u

interface Variant {
  readonly edits: readonly Edit[]
  readonly used: Set<Edit>
}
const variants: Variant[] = []

/** Loads the product with some texts of its source replaced, beside the product itself and without a copy on disk. */
export async function loadProduct(edits: readonly Edit[] = []): Promise<Product> {
  if (edits.length === 0) return modulesFrom('')
  if (variants.length === 0) hook()
  const variant = { edits, used: new Set<Edit>() }
  variants.push(variant)
  const product = await modulesFrom(`?variant=${variants.length - 1}`)
  const unused = edits.find((edit) => !variant.used.has(edit))
  if (unused !== undefined) throw new Error(`No reconcile loads ${unused.file}: the edit does nothing`)
  return product
}

async function modulesFrom(query: string): Promise<Product> {
  const load = (path: string): Promise<object> => import(new URL(`src/${path}.ts${query}`, ROOT).href)
  const loaded = await Promise.all(
    [
      'reconciler/context',
      'reconciler/observe/cache-changes',
      'reconciler/account-reconciler',
      'reconciler/sink-reconciler',
      'reconciler/ports',
      'external/failure',
    ].map(load),
  )
  return Object.assign({}, ...loaded) as Product
}

/** A module of a variant imports modules of the same variant. */
function hook(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context)
      const query = QUERY.exec(context.parentURL ?? '')?.[0]
      if (query === undefined || QUERY.test(found.url) || !EDITABLE.test(found.url)) return found
      return { ...found, url: `${found.url}${query}` }
    },
    load: (url, context, next) => {
      const id = QUERY.exec(url)?.groups?.['id']
      const variant = variants[Number(id ?? -1)]
      if (variant === undefined) return next(url, context)
      const path = fileURLToPath(url.replace(QUERY, ''))
      const source = stripTypeScriptTypes(edited(path, readFileSync(path, 'utf8'), variant))
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

function edited(path: string, source: string, { edits, used }: Variant): string {
  let text = source
  for (const edit of edits) {
    if (pathToFileURL(path).href !== new URL(edit.file, ROOT).href) continue
    const parts = text.split(edit.from)
    if (parts.length !== 2) throw new Error(`${edit.file} holds ${parts.length - 1} times: ${edit.from}`)
    text = parts.join(edit.to)
    used.add(edit)
  }
  return text
}
