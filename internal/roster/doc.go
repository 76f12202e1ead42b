// Package roster has the people: who they are, what is known of them and since when, ID
// numbers (GB 11643), and what an import (导入) says of them and did.
package roster
