import { defineConfig } from 'vitest/config'

/**
 * Five levels: `unit` needs nothing, `model` needs processor time alone, `http` needs loopback sockets, `cluster` needs a
 * real Kubernetes API server, `image` needs that, root, and programs that build and run containers.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout: 60_000 } },
      { test: { name: 'model', include: ['test/model/**/*.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'http',
          include: ['test/{simulator,contract,proxy}/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/{control-plane,chart,integration,interleavings,crash,demo,soak}/**/*.test.ts'],
          globalSetup: 'test/control-plane/global-setup.ts',
          // On a machine with much else to do a test may take several times as long; its own waits say what was not seen.
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
          // Several test files write the same page; one worker writes the sections one after the other.
          maxWorkers: process.env['UPDATE_DOCS'] === undefined ? 2 : 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'image',
          include: ['test/image/**/*.test.ts'],
          globalSetup: ['test/image/needed-programs.ts', 'test/control-plane/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
