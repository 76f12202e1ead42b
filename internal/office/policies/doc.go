// Package policies measures what another policy pack would change, adopts it, and lists
// the packs.
package policies
