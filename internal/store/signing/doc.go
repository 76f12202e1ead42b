// Package signing takes batches through four eyes: checks and decisions, submit, review,
// approve, return, void, sent, and the later changes that stand against a signature.
package signing
