// Package embedded runs a private PostgreSQL for one machine (单机数据库) from
// the PostgreSQL programs installed there. It listens on a Unix socket only and
// keeps everything under one data directory:
//
//	DIR/pg/           the cluster, mode 0700, owned by the account the server runs under
//	DIR/run/          the socket, likewise
//	DIR/server.log    the server's log, at most 4 MiB, and server.log.1 before it
//	DIR/users.lock    shared lock (flock) of every process that uses the server
//	DIR/server.lock   exclusive lock of the one keeper process; holds its pid
//	DIR/cluster.lock  exclusive lock inherited by postgres and all its backends
//
// The cluster has two logins over the socket: its owner, who sets up and migrates, and a
// daily one that owns nothing (postgres.Admit makes it).
//
// # Who owns the server
//
// Several commands may use one data directory at once, come and go in any
// order, and be killed. So no command owns the server. The first one starts a
// small keeper process (our own program under another name, in a session of its
// own), and the keeper starts postgres. Every command holds users.lock shared
// for as long as it uses the server; the keeper waits for that lock exclusively
// and gets it when the last command is gone, whichever way it went. Then it
// stops the server. From this follows:
//
//   - the first command may leave while a second works on, without handing anything over;
//   - kill -9 of the last command stops the server, cleanly, a moment later;
//   - a command that arrives while the server is being stopped waits for
//     users.lock, finds server.lock free and starts the server anew: nobody can
//     be between "in use" and "stopping";
//   - when postgres itself is killed the keeper starts it again;
//   - when the keeper is killed the kernel tells postgres to stop (Pdeathsig),
//     and the next Open finds server.lock free and starts both.
//
// A postmaster killed with -9 can leave backends behind that still write, and a
// killed keeper leaves a postmaster that still shuts down. They hold cluster.lock,
// which no postgres is started without, so a new server never runs beside an old
// one's backends, and a stale postmaster.pid is recognised without guessing from
// process numbers. Those that do not go by themselves (they hang, were stopped, or
// wait for a lock of a killed one) are found by their open cluster.lock, whoever
// their parent is, and told to quit, then killed: see lockCluster.
//
// # Why paths under /proc/self/fd
//
// PostgreSQL refuses to run as root. Started by root, the server runs as user
// postgres, else nobody, who cannot walk to a directory under /root; and a Unix
// socket's path must be under 108 bytes. Both go away because the server gets
// its two directories as open descriptors 3 and 4 and is told to use
// /proc/self/fd/3 and /proc/self/fd/4. A client whose own path to the socket
// is too long does the same. Needs Linux with /proc.
package embedded
