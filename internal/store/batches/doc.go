// Package batches reads stored batches (批次): their lines, totals, signatures,
// digests and seals.
package batches
