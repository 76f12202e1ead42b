// Package rules measures what another policy pack would change and adopts it, by one or
// two people.
package rules
