import fc from 'fast-check';

// A random seed lets an unrelated change fail in CI. SEED=… (or scripts/histories) explores other values.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 4711) });
