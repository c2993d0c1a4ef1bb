import { z } from 'zod'

const milliseconds = z.number().min(0)
const errorCode = z.int().min(10_000)

/**
 * The doubtful behaviours of Twilio, each with the value that is likeliest today as its default.
 * All can be changed while the simulator runs; they act on answers, so stored sinks keep what was sent.
 */
export const Settings = z.strictObject({
  /** Status word of a new sink; any word, so that unknown ones can be tried. */
  statusAfterCreate: z.string().default('active'),
  /** The same by sink type, for example `{"kinesis": "initialized"}`; goes before `statusAfterCreate`. */
  statusAfterCreateByType: z.record(z.string(), z.string()).default({}),
  /** `legacy`: Test sets `validating`, and Validate wants the newest test id (91004, 91005). */
  validation: z.enum(['current', 'legacy']).default('current'),
  /** Whether `method` and `batch_events` of a webhook are filled in when they were not sent. */
  fillDefaults: z.boolean().default(true),
  method: z.enum(['lower', 'upper', 'keep']).default('lower'),
  secrets: z.enum(['clear', 'masked', 'omitted']).default('clear'),
  /** How the destination of a webhook is written in answers. */
  destination: z.enum(['keep', 'upperCaseHost', 'whatwg', 'toggleTrailingSlash']).default('keep'),
  unknownConfigurationKeys: z.enum(['keep', 'drop', 'refuse']).default('keep'),
  inUseStatus: z.union([z.literal(400), z.literal(409)]).default(400),
  /** 91001 also turns the code of an unknown subscription into 91102. */
  notFoundCode: z.union([z.literal(20404), z.literal(91001)]).default(20404),
  /** `refused` is 91006 with HTTP 400, `notFound` 91001 with HTTP 404. */
  malformedSid: z.enum(['refused', 'notFound']).default('refused'),
  missingParameterCode: errorCode.default(20001),
  sinkLimit: z.int().min(0).default(100),
  subscriptionLimit: z.int().min(0).default(100),
  limitStatus: z.union([z.literal(400), z.literal(403)]).default(400),
  secondSubscription: z.enum(['refused', 'allowed']).default('refused'),
  secondSubscriptionCode: errorCode.default(91007),
  sinkSidOnSubscriptionUpdate: z.enum(['ignored', 'refused']).default('ignored'),
  /** Event types that exist; `null`: every name does. Others are refused with 91104. */
  knownEventTypes: z.array(z.string()).nullable().default(null),
  /** Code of the 401 for wrong credentials. */
  authFailureCode: z.union([z.literal(20003), z.literal(70051)]).default(20003),
  /** Status of the 70051 for an operation that the credential may not use. */
  permissionStatus: z.union([z.literal(401), z.literal(403)]).default(403),
  maxPageSize: z.int().min(1).default(1000),
  pageSizeOverMaximum: z.enum(['clamped', 'refused']).default('clamped'),
  listOrder: z.enum(['oldestFirst', 'newestFirst']).default('oldestFirst'),
  /** Origin of the page URLs in `meta`, for instance a foreign host; `null`: the host of the request. */
  pageUrlOrigin: z.string().nullable().default(null),
  /** A LIST of sinks ends after this share of them, as if there were no more. */
  listedShare: z.number().min(0).max(1).default(1),
  /** LISTs show the store as it was so long ago. */
  listLagMs: milliseconds.default(0),
  /** GETs of one sink or subscription show the store as it was so long ago. */
  fetchLagMs: milliseconds.default(0),
  /** Every write is answered as `reply` says, and takes effect after `ms`. */
  lateCommit: z
    .strictObject({ ms: milliseconds, reply: z.enum(['hang', 'reset', 'error']).default('hang') })
    .nullable()
    .default(null),
  /** Waiting time before every call. */
  latencyMs: milliseconds.default(0),
  /** More calls at once in one account get 429 with 20429; `null`: no limit. */
  maxConcurrentCalls: z.int().min(1).nullable().default(null),
  /** Whether answers carry the `Twilio-…` headers. */
  headers: z.boolean().default(true),
})
export type Settings = z.infer<typeof Settings>
export type SettingsInput = z.input<typeof Settings>

/** The settings with some members changed. Throws a ZodError for an unknown name or a wrong value. */
export function changedSettings(current: Settings, patch: unknown): Settings {
  return Settings.parse({ ...current, ...z.record(z.string(), z.unknown()).parse(patch) })
}
