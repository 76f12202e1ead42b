// Package rules has the pages of entitlements, rates and policy packs.
package rules
