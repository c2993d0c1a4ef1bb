import { hex } from '../../rigs/simulator/sids.ts'

/** A value that is found again in whatever form it comes back. */
export interface Canary {
  /** What it stands for. */
  readonly name: string
  /** Letters and digits that nothing escapes: percent-encoding and JSON leave them as they are. */
  readonly text: string
}

export function canary(name: string): Canary {
  return { name, text: `c4n4ry${hex(9)}` }
}

/** The forms of the canary that are in the text. Empty: it has not leaked. */
export function tracesOf({ name, text }: Canary, output: string): string[] {
  const lower = output.toLowerCase()
  const plain = lower.includes(text) ? [`${name} in clear`] : []
  const hex = lower.includes(Buffer.from(text).toString('hex')) ? [`${name} in hexadecimal`] : []
  const base64 = base64Forms(text).some((form) => output.includes(form)) ? [`${name} in base64`] : []
  return [...plain, ...hex, ...base64]
}

/** Base64 at each of the three ways in which the text can begin within a longer one. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${'x'.repeat(before)}${text}`).toString('base64')
    // The first and the last letters depend on what stands around.
    return encoded.slice(before === 0 ? 0 : 4, Math.floor(((before + text.length) * 4) / 3) - 3)
  })
}
