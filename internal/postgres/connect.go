package postgres

import (
	"context"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"golang.org/x/sys/unix"
)

// How soon the loss of the other side is noticed, by the hub and, so that the
// lock of a hub that is no more does not keep the next one out, by the server.
const (
	quietFor  = 30 * time.Second // before it is asked whether it is still there
	askEvery  = 10 * time.Second
	askTimes  = 3
	unheard   = time.Minute      // that what was sent may stay without an answer of its network
	connectIn = 10 * time.Second // for an answer to the first word
	cancelIn  = 5 * time.Second  // for a statement to end that nobody waits for any more
)

// reach sets how a connection is made and kept.
func reach(c *pgx.ConnConfig) {
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "ark-hub"
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectIn
	}
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: quietFor, Interval: askEvery, Count: askTimes}, Control: giveUp}
	c.DialFunc = dialer.DialContext
	// A statement that nobody waits for is cancelled at the server. The
	// connection stays good, and with it the lock.
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelIn}
	}
}

// giveUp has the kernel close a connection whose other side does not even
// acknowledge what it is sent.
func giveUp(network, _ string, c syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	cerr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unheard.Milliseconds()))
	})
	if cerr != nil {
		return cerr
	}
	return err
}

// writing readies a connection that may write. What is compiled just in time
// pays for queries of minutes, of which there are none; and an insert of 64
// rows of 23 values takes longer to plan than to do, so that is done once. And to
// look up a row by an index costs little more than to read the next one, on the
// disks that there are now, or from memory.
func writing(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, "SET jit = off; SET random_page_cost = 1.1; SET plan_cache_mode = force_generic_plan; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 60000")
	return err
}

// reading readies a connection that only reads. Its queries are planned with
// what they ask for: a van of a million visits is another matter than one of
// ten. A page of a list reads a thousand rows at most: to start processes that
// help takes longer.
func reading(ctx context.Context, c *pgx.Conn) error {
	if err := writing(ctx, c); err != nil {
		return err
	}
	_, err := c.Exec(ctx, "SET default_transaction_read_only = on; SET plan_cache_mode = force_custom_plan; SET max_parallel_workers_per_gather = 0")
	return err
}
