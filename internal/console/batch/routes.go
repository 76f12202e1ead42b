package batch

import (
	"embed"

	"disburse/internal/approval"
	"disburse/internal/console/web"
)

// Templates are the templates of the pages, each named as its page.
//
//go:embed templates
var Templates embed.FS

// Routes are the pages and actions of the package with the posts that may use them.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /batches", Posts: web.Everyone, Do: batchList},
		{Pattern: "GET /batch/{batch}", Posts: web.Everyone, Do: batchOverview},
		{Pattern: "GET /batch/{batch}/running", Posts: web.Everyone, Do: batchRunning},
		{Pattern: "GET /batch/{batch}/checks", Posts: web.Readers, Do: batchChecks},
		{Pattern: "GET /batch/{batch}/checks/workbook", Posts: web.Readers, Do: checksWorkbook},
		{Pattern: "POST /batch/{batch}/checks/decide", Posts: web.Signers, Do: decideChecks},
		{Pattern: "POST /batch/{batch}/checks/kind", Posts: web.Signers, Do: decideKind},
		{Pattern: "POST /batch/{batch}/checks/upload", Posts: web.Signers, Long: true, Do: uploadRulings},
		{Pattern: "GET /batch/{batch}/lines", Search: true, Posts: web.Readers, Do: batchLines},
		{Pattern: "GET /batch/{batch}/held", Search: true, Posts: web.Readers, Do: batchHeld},
		{Pattern: "GET /batch/{batch}/bridge", Posts: web.Readers, Do: batchBridge},
		{Pattern: "GET /batch/{batch}/past", Search: true, Posts: web.Readers, Do: batchPast},
		{Pattern: "GET /batch/{batch}/files", Posts: web.Readers, Do: batchFiles},
		{Pattern: "POST /batch/{batch}/files", Posts: web.Readers, Do: writeFiles},
		{Pattern: "GET /batch/{batch}/files/{file}", Posts: web.Readers, Do: downloadFile},
		{Pattern: "POST /batch/{batch}/submit", Posts: web.Clerk, Do: submitBatch},
		{Pattern: "POST /batch/{batch}/review", Posts: []approval.Post{approval.Reviewer}, Do: reviewBatch},
		{Pattern: "POST /batch/{batch}/approve", Posts: web.Approver, Do: approveBatch},
		{Pattern: "POST /batch/{batch}/return", Posts: web.Checkers, Do: returnBatch},
		{Pattern: "POST /batch/{batch}/sent", Posts: web.Signers, Do: sendBatch},
		{Pattern: "POST /batch/{batch}/void", Posts: web.Checkers, Do: voidBatch},
		{Pattern: "POST /batch/{batch}/judge", Posts: web.Signers, Do: judgeBatch},
	}
}
