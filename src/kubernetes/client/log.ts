type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void

/** Where this folder logs: a static message and fields. Fields never hold headers, bodies or Secret values. */
export interface Log {
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
