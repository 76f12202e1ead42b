package postgres

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// Wrap adds what was being done to an error; nil stays nil.
func Wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// SQLSTATEs that callers act on. Errors are told apart by these alone, never by a
// constraint's name: a distributed PostgreSQL appends the shard to it.
const (
	UniqueViolation       = "23505"
	ForeignKeyViolation   = "23503"
	CheckViolation        = "23514"
	SerializationFailure  = "40001"
	DeadlockDetected      = "40P01"
	InsufficientPrivilege = "42501"
	DuplicateObject       = "42710"
	LockNotAvailable      = "55P03"
)

// stateSentences are errors, by SQLSTATE, that staff or an administrator can fix, with the
// sentence that says how.
var stateSentences = map[string]string{
	"28P01": "数据库拒绝了用户名或密码，请检查 --db 或 DATABASE_URL",
	"28000": "数据库不允许这个用户从本机登录，请检查 --db 或 DATABASE_URL，或请数据库管理员放行",
	"3D000": "数据库服务器上没有这个库，请先建立它，或检查 --db 或 DATABASE_URL",
	"53100": "数据库所在磁盘已满，请清理磁盘后重试",
	"53200": "数据库内存不足，请关闭其他程序后重试",
	"53300": "数据库的连接数已满，请稍后重试，或请数据库管理员调大 max_connections",
	"57014": "这一步查得太久，数据库到了时限（statement_timeout）没有做完，什么都没有改动；请稍后再试，总是这样的请联系维护人员",
	"25006": "数据库是只读的备库，请把 --db 或 DATABASE_URL 指向主库",
}

// SQLState returns the SQLSTATE of the server's error in err's chain, or "".
func SQLState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// ConnectionLost reports whether err means that the server stopped or cannot be reached,
// rather than that it refused a statement.
func ConnectionLost(err error) bool {
	if state := SQLState(err); state != "" {
		// Class 08: connection exceptions. 57P01 to 57P03: shutting down, crashed, starting.
		return strings.HasPrefix(state, "08") || state == "57P01" || state == "57P02" || state == "57P03"
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	// pgconn's error for a statement on a connection that broke earlier has no exported name;
	// its type also covers "conn busy", which is a defect of ours: hence the text.
	var unsent interface{ SafeToRetry() bool }
	if errors.As(err, &unsent) && strings.Contains(err.Error(), "conn closed") {
		return true
	}
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
