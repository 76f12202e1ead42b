// Package rules computes what another policy pack would change in settled months (its effect)
// and records its adoption by one or two people. Reading and storing packs is package packs.
package rules
