import { readFile } from 'node:fs/promises'

export const sampleFile = (name: string): string => `docs/samples/${name}.yaml`

/** A sample with its placeholders replaced. Rejects when one is not there: the sample has changed then. */
export async function filledSample(name: string, values: Readonly<Record<string, string>>): Promise<string> {
  let text = await readFile(sampleFile(name), 'utf8')
  for (const [placeholder, value] of Object.entries(values)) {
    if (!text.includes(placeholder)) throw new Error(`${sampleFile(name)} holds no ${placeholder}`)
    text = text.replaceAll(placeholder, value)
  }
  return text
}
