// Package imports takes in rosters and match lists, undoes imports, and makes requests
// known that a second person has confirmed.
package imports
