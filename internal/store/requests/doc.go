// Package requests stores change requests (账户变更) that are pending until a second person
// confirms them: accounts, deputies, facts and awards. What a confirmed request changes is
// applied by internal/store/imports.
package requests
