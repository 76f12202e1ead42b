// Package rules has the pages of the list of entitlements, rates and policy packs: what is in
// force, what a new pack would change, and its adoption by two people. What a pack may say is
// internal/policy's.
package rules
