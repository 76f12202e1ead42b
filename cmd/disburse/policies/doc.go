// Package policies has the policy commands: check, show, test, diff, adopt and list
// policy packs.
package policies
