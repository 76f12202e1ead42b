// Package batches reads stored batches (批次): lines, totals, signatures, payment files,
// digests and seals. It does not compute or sign: internal/store/runs and
// internal/store/signing do.
package batches
