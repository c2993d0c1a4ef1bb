import { badAnswer } from './bad-answers.ts'
import {
  atOnce,
  isKubernetes,
  isLine,
  isWatch,
  isWrite,
  strikeLine,
  strikeRequest,
  whenGivenUp,
  whenProcessed,
  whenStartedAgain,
  whenWatchedAgain,
  type CrashFault,
  type Target,
} from './fault.ts'
import { TAKEOVERS } from './takeovers.ts'

/** SIGKILL at once, and a new process as soon as this one is gone. */
const kill =
  ({ replica: { operator } }: Target) =>
  (): void => {
    operator.kill()
    void operator.ended().then(() => operator.start())
  }

/** What goes and comes whole: everything but watches and their lines. */
const isCall = (name: string): boolean => !isWatch(name) && !isLine(name)
const isRequest = (name: string): boolean => !isLine(name)

/** Longer than the operator waits for an answer; at Twilio shorter than the settle time. */
const lateMs = ({ item }: Target): number => (isKubernetes(item.name) ? 10_500 : 600)
/** Of a watch from which events are dropped, until it breaks. */
const DROPPING_MS = 1_000

const KILLS: readonly CrashFault[] = [
  {
    name: 'kill-before',
    says: '`kill -9` before the request is forwarded, or the line delivered',
    appliesTo: () => true,
    inject: (target) =>
      isLine(target.item.name)
        ? strikeLine(target, { kind: 'hold' }, whenStartedAgain, kill(target))
        : strikeRequest(target, { kind: 'hold', phase: 'before' }, whenStartedAgain, kill(target)),
  },
  {
    name: 'kill-processed',
    says: '`kill -9` after the request was processed and before its answer',
    appliesTo: isCall,
    inject: (target) =>
      strikeRequest(target, { kind: 'hold', phase: 'after' }, whenStartedAgain, kill(target)),
  },
  {
    name: 'kill-answered',
    says: '`kill -9` after the answer',
    appliesTo: () => true,
    inject: (target) =>
      isLine(target.item.name)
        ? strikeLine(target, { kind: 'note' }, whenStartedAgain, kill(target))
        : strikeRequest(target, { kind: 'note' }, whenStartedAgain, kill(target)),
  },
]

const SILENCES: readonly CrashFault[] = [
  {
    name: 'timeout',
    says: 'no answer, and never processed',
    appliesTo: isRequest,
    inject: (target) => strikeRequest(target, { kind: 'swallow', phase: 'before' }, whenGivenUp),
  },
  {
    name: 'timeout-processed',
    says: 'no answer, although processed at once',
    appliesTo: (name) => isCall(name) && isWrite(name),
    inject: (target) => strikeRequest(target, { kind: 'swallow', phase: 'after' }, whenGivenUp),
  },
  {
    name: 'timeout-late',
    says: 'no answer, and processed after the timeout',
    appliesTo: (name) => isCall(name) && isWrite(name),
    inject: (target) => strikeRequest(target, { kind: 'late', ms: lateMs(target) }, whenProcessed),
  },
  {
    name: 'reset-before',
    says: 'connection reset, not processed',
    appliesTo: () => true,
    inject: (target) =>
      isLine(target.item.name)
        ? strikeLine(target, { kind: 'drop', ms: 0 }, whenWatchedAgain)
        : strikeRequest(target, { kind: 'reset', phase: 'before' }, atOnce),
  },
  {
    name: 'reset-after',
    says: 'connection reset after it was processed',
    appliesTo: isCall,
    inject: (target) => strikeRequest(target, { kind: 'reset', phase: 'after' }, atOnce),
  },
]

const answered = (name: string, says: string, appliesTo: CrashFault['appliesTo']): CrashFault => ({
  name,
  says,
  appliesTo,
  inject: (target) => strikeRequest(target, badAnswer(name, target.item.name), atOnce),
})

const ANSWERS: readonly CrashFault[] = [
  // Twilio answers 409 at most for a sink in use; the API server for a write on a stale view.
  answered('409', 'answered 409, not processed', (name) =>
    isKubernetes(name) ? isWrite(name) && isCall(name) : name === 'twilio:DELETE:Sinks',
  ),
  answered('429', 'answered 429 with Retry-After, not processed', isRequest),
  answered('500', 'answered 500, not processed', isRequest),
  answered('503', 'answered 503, not processed', isRequest),
  answered('html', 'answered 200 with an HTML page, not processed', isRequest),
  {
    name: '503-processed',
    says: 'answered 503 although it was processed',
    appliesTo: (name) => isCall(name) && isWrite(name),
    inject: (target) => {
      const rewrite = () => ({
        status: 503,
        headers: { 'content-type': 'text/plain' },
        body: 'upstream connect error',
      })
      return strikeRequest(target, { kind: 'rewrite', rewrite }, atOnce)
    },
  },
]

const WATCHES: readonly CrashFault[] = [
  {
    name: 'watch-frozen',
    says: 'from this event on the watch is silent and stays open',
    appliesTo: isLine,
    inject: (target) => strikeLine(target, { kind: 'freeze' }, whenWatchedAgain),
  },
  {
    name: 'watch-dropped',
    says: 'this event and those of the next second are dropped, then the watch breaks',
    appliesTo: isLine,
    inject: (target) => strikeLine(target, { kind: 'drop', ms: DROPPING_MS }, whenWatchedAgain),
  },
  {
    name: '410',
    says: 'the watch, or its opening, ends with 410',
    appliesTo: (name) => isLine(name) || isWatch(name),
    inject: (target) =>
      isLine(target.item.name)
        ? strikeLine(target, { kind: 'gone' }, whenWatchedAgain)
        : strikeRequest(target, badAnswer('410', target.item.name), whenWatchedAgain),
  },
]

export const FAULTS: readonly CrashFault[] = [...KILLS, ...SILENCES, ...ANSWERS, ...WATCHES, ...TAKEOVERS]
