package pi

import (
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed init.sh
var initScript []byte

// File is a file of the emulated Pi: its content, or a copy of a file of the
// host.
type File struct {
	Content []byte
	From    string // host path; used if Content is nil
	Mode    fs.FileMode
}

// Initrd writes an initial RAM disk to path: the unpacked Debian packages
// under userland (scripts/test-deps makes it), our init, and the files, by
// their absolute paths on the Pi.
func Initrd(path, userland string, files map[string]File) error {
	stage, err := os.MkdirTemp("", "ark-pi-")
	if err != nil {
		return fmt.Errorf("stage initrd: %w", err)
	}
	defer os.RemoveAll(stage)
	if out, err := exec.Command("cp", "-a", userland+"/.", stage).CombinedOutput(); err != nil {
		return fmt.Errorf("stage initrd: copy userland: %w: %s", err, out)
	}
	if err := add(stage, "/init", File{Content: initScript, Mode: 0o755}); err != nil {
		return err
	}
	for name, f := range files {
		if err := add(stage, name, f); err != nil {
			return err
		}
	}
	pack := exec.Command("sh", "-c", "find . | cpio -o -H newc --quiet | gzip -1")
	pack.Dir = stage
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write initrd: %w", err)
	}
	defer out.Close()
	pack.Stdout, pack.Stderr = out, os.Stderr
	if err := pack.Run(); err != nil {
		return fmt.Errorf("write initrd: %w", err)
	}
	return nil
}

func add(stage, name string, f File) error {
	content := f.Content
	if content == nil {
		var err error
		if content, err = os.ReadFile(f.From); err != nil {
			return fmt.Errorf("stage initrd: %w", err)
		}
	}
	to := filepath.Join(stage, name)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("stage initrd: %w", err)
	}
	if err := os.WriteFile(to, content, f.Mode); err != nil {
		return fmt.Errorf("stage initrd: %w", err)
	}
	return nil
}
