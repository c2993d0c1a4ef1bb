import { chooseCommand } from './commands/choose-command.ts'
import { unexpectedErrorLine } from './observability/error-facts.ts'

/** Node.js would print the error whole, with the text that could not be parsed, and whatever else it holds. */
process.once('uncaughtException', (error) => {
  process.stderr.write(`twilio-sink-operator: ${unexpectedErrorLine(error)}\n`)
  process.exit(1)
})

/** Exit codes: 0 after an orderly end, 1 when the command cannot go on, 2 for a wrong command or option. */
const choice = chooseCommand(process.argv.slice(2))
if (choice.kind === 'text') {
  process.stdout.write(`${choice.text}\n`)
} else if (choice.kind === 'unknown') {
  process.stderr.write(`twilio-sink-operator: ${choice.problem}\n`)
  process.exitCode = 2
} else {
  const run = await choice.command.load()
  process.exitCode = await run(choice.argv)
}
