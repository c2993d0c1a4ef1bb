import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take half a minute and more, longest first: what begins last ends last, and nothing runs beside it. */
const LONGEST = [
  'test/faults/crash/sample.test.ts',
  'test/integration/first-hour/first-hour.test.ts',
  'test/integration/leadership/loss.test.ts',
  'test/integration/tenants/tenants.test.ts',
  'test/integration/worlds/namespace-deleted.test.ts',
  'test/integration/install/modes.test.ts',
  'test/integration/operator/lifecycle.test.ts',
  'test/faults/interleavings/crash.test.ts',
  'test/integration/worlds/watch-storms.test.ts',
  'test/faults/interleavings/lists.test.ts',
  'test/integration/in-out/release.test.ts',
  'test/integration/operator/reasons/strange-answers.test.ts',
  'test/integration/holds/mass-disappearance.test.ts',
  'test/integration/holds/foreign-key.test.ts',
  'test/model/model.test.ts',
  'test/integration/operator/reasons/outage-reasons.test.ts',
  'test/integration/install/pages.test.ts',
  'test/integration/holds/rebuilt-cluster.test.ts',
  'test/faults/interleavings/whose-sink-it-is.test.ts',
  'test/integration/holds/credentials.test.ts',
  'test/integration/operator/quiet.test.ts',
  'test/faults/interleavings/leaders.test.ts',
  'test/faults/interleavings/claim-to-record.test.ts',
  'test/integration/holds/shared-secret.test.ts',
  'test/integration/start-up/crds.test.ts',
  'test/faults/soak/soak.test.ts',
  'test/bench/bench.test.ts',
  'test/rigs/control-plane/control-plane.test.ts',
]
for (const path of LONGEST)
  if (!existsSync(join(import.meta.dirname, path))) throw new Error(`${path} is not there any more`)

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = LONGEST.indexOf(relative(import.meta.dirname, moduleId))
  return rank === -1 ? LONGEST.length : rank
}

class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications)
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

/** Most tests wait most of the time, so there are more of them at a time than cores. */
const WAITING = { maxWorkers: 5, sequence: { groupOrder: 1 } }

/**
 * Six levels: `unit` needs nothing, `model` needs processor time alone, `http` needs loopback sockets, `cluster` needs a
 * real Kubernetes API server, `monitoring` needs that and Prometheus, `image` needs a server, root, and programs that build
 * and run containers.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout: 60_000 } },
      { test: { name: 'model', include: ['test/model/**/*.test.ts'], testTimeout: 120_000, ...WAITING } },
      {
        test: {
          name: 'http',
          include: ['test/contract/**/*.test.ts', 'test/rigs/{proxy,simulator}/**/*.test.ts'],
          testTimeout: 60_000,
          ...WAITING,
        },
      },
      {
        test: {
          name: 'cluster',
          include: [
            'test/{bench,integration,faults,demo}/**/*.test.ts',
            'test/rigs/control-plane/**/*.test.ts',
          ],
          globalSetup: 'test/rigs/control-plane/global-setup.ts',
          // On a machine with much else to do a test may take several times as long; its own waits say what was not seen.
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
          ...WAITING,
          // Several test files write the same page; one worker writes the sections one after the other.
          ...(process.env['UPDATE_DOCS'] !== undefined && { maxWorkers: 1 }),
        },
      },
      {
        test: {
          name: 'monitoring',
          include: ['test/monitoring/**/*.test.ts'],
          testTimeout: 300_000,
          // The first time on a machine, Prometheus is built.
          hookTimeout: 1_800_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'image',
          include: ['test/image/**/*.test.ts'],
          globalSetup: ['test/image/needed-programs.ts', 'test/rigs/control-plane/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
