// Baseline: the start of Node.js alone.
