// Package signing moves a batch through its states: decisions on findings, submit, review,
// approve, return, void and sent, with the checks before each signature, among them what
// became known after the batch was computed. It computes no dues: that is package runs.
package signing
