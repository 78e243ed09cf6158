package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "ark/internal/postgres" // the driver "pgx"
)

// Server is a PostgreSQL that runs.
type Server struct {
	dir   string // its data and its socket
	cmd   *exec.Cmd
	ended chan struct{}
}

// folder is where the programs of PostgreSQL are; empty: nowhere.
func folder() string {
	for _, dir := range []string{"/usr/lib/postgresql/15/bin", os.Getenv("ARK_POSTGRES_BIN")} {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir
		}
	}
	return ""
}

// begin makes a server, whose files are in a new folder somewhere, and starts
// it. Its databases are for a language that sorts other than by bytes, as those
// of people may be.
func begin(where string) (*Server, error) {
	dir, err := os.MkdirTemp(where, "ark-pg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir}
	err = s.prepare()
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("begin a PostgreSQL for tests: %w", err)
	}
	return s, nil
}

// prepare makes the files of a server.
func (s *Server) prepare() error {
	who, err := servant()
	if err == nil && who != nil {
		err = os.Chown(s.dir, int(who.Uid), int(who.Gid))
	}
	if err == nil {
		err = s.run(exec.Command(filepath.Join(folder(), "initdb"), "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C.UTF-8",
			"--locale-provider=icu", "--icu-locale=zh-Hans-CN", "--auth=trust", "--username=ark", "--pgdata="+s.data()))
	}
	return err
}

// room is where there is room for a server: in memory, where its commits are as
// durable to those who kill it, and do not wait for a disk.
func room() string {
	const memory, enough = "/dev/shm", 1 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < enough {
		return ""
	}
	return memory
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// servant is who runs the server, where the tests are run by root, as whom it
// does not run.
func servant() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// as makes a command one of the servant's, that ends with this process.
func (s *Server) as(cmd *exec.Cmd) error {
	who, err := servant()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	return err
}

func (s *Server) run(cmd *exec.Cmd) error {
	if err := s.as(cmd); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, out)
	}
	return nil
}

// Start starts the server, unless it runs, and waits for it to answer.
func (s *Server) Start() error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for began := time.Now(); !s.runs(); <-again.C {
		err := s.start()
		// Those who were killed with the last server have its memory until they
		// are gone.
		if err == nil || time.Since(began) > answersIn || !strings.Contains(err.Error(), "is still in use") {
			return err
		}
	}
	return nil
}

func (s *Server) start() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(folder(), "postgres"), "-D", s.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories="+s.dir,
		"-c", "max_connections=60", "-c", "shared_buffers=64MB", "-c", "autovacuum_naptime=10s")
	if err := s.as(cmd); err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd, s.ended = cmd, make(chan struct{})
	go func() { cmd.Wait(); close(s.ended) }() // remove and Kill wait for it
	return s.await()
}

// answersIn is how long a server may take to start, on a busy machine and
// after a crash.
const answersIn = time.Minute

func (s *Server) runs() bool {
	if s.ended == nil {
		return false
	}
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

func (s *Server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), answersIn)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		c, err := s.connect(ctx)
		if err == nil {
			return c.Close()
		}
		select {
		case <-s.ended:
			err = errors.New("it ended")
		case <-ctx.Done():
		case <-again.C:
			continue
		}
		words, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("start: %w\n%s", err, words)
	}
}

func (s *Server) connect(ctx context.Context) (*sql.DB, error) {
	c, err := sql.Open("pgx", s.Address())
	if err != nil {
		return nil, err
	}
	if err := c.PingContext(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Address is that of the one database of a server.
func (s *Server) Address() string { return "postgres://ark@/postgres?host=" + s.dir }

// Stop has the server end at once, but in order, whoever is connected.
func (s *Server) Stop() {
	s.cmd.Process.Signal(syscall.SIGINT)
	<-s.ended
}

// Kill ends the server and every process of it as a power cut would: SIGKILL,
// in the middle of whatever they do.
func (s *Server) Kill() {
	pid := s.cmd.Process.Pid
	syscall.Kill(pid, syscall.SIGSTOP) // it makes no new ones
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, word := range strings.Fields(string(children)) {
		if child, err := strconv.Atoi(word); err == nil {
			syscall.Kill(child, syscall.SIGKILL)
		}
	}
	syscall.Kill(pid, syscall.SIGKILL)
	<-s.ended
}

// remove stops the server, if it runs, and removes its files.
func (s *Server) remove() {
	if s.runs() {
		s.Stop()
	}
	os.RemoveAll(s.dir)
}
