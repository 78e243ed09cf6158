package panel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"periph.io/x/conn/v3/driver"
	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/host/v3/gpioioctl"

	"ark"
)

// chips is what periph keeps for the whole process.
var chips struct {
	sync.Mutex
	driver driver.Impl // of the kernel's chips, once it has been tried
	seen   string      // the device files when it last looked
}

// openChips opens the kernel's GPIO chips. periph looks for them only once,
// so its driver is asked again when the device files have changed: a board on
// USB that was plugged in, a user who has got the right.
func openChips(pattern string) ([]*gpioioctl.GPIOChip, error) {
	chips.Lock()
	defer chips.Unlock()
	now, err := deviceFiles(pattern)
	if err != nil {
		return nil, err
	}
	if now != chips.seen || len(gpioioctl.Chips) == 0 {
		if err := look(); err != nil {
			return nil, fault{ark.PanelFailed, "", err}
		}
		chips.seen = now
	}
	if len(gpioioctl.Chips) == 0 {
		return nil, fault{ark.PanelNoChip, "", errors.New("none of the device files is a GPIO chip")}
	}
	return gpioioctl.Chips, nil
}

// deviceFiles identifies the device files that can be opened.
func deviceFiles(pattern string) (id string, err error) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		return "", fault{ark.PanelNoChip, "", fmt.Errorf("there is no %s", pattern)}
	}
	var denied error
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			if errors.Is(err, fs.ErrPermission) {
				denied = err
			}
			continue
		}
		if st, err := f.Stat(); err == nil {
			if sys, ok := st.Sys().(*syscall.Stat_t); ok {
				id += fmt.Sprintln(path, sys.Ino, sys.Rdev, sys.Ctim)
			}
		}
		f.Close()
	}
	if id == "" && denied != nil {
		return "", fault{ark.PanelNoRight, "", denied}
	}
	return id, nil
}

// look lets periph's driver look for chips. The chips of before are forgotten
// and not closed: closing them closes standard input too (gpioioctl of host
// v3.8.5), and a chip that is pulled out costs one file.
func look() error {
	if chips.driver == nil {
		state, err := driverreg.Init()
		if err != nil {
			return err
		}
		for _, d := range state.Loaded {
			chips.driver = d
		}
		for _, failures := range [][]driverreg.DriverFailure{state.Skipped, state.Failed} {
			for _, f := range failures {
				chips.driver = f.D
			}
		}
		return nil
	}
	for _, chip := range gpioioctl.Chips {
		for _, line := range chip.Lines() {
			gpioreg.Unregister(line.Name()) // an error: it has no name, and was never registered
		}
	}
	gpioioctl.Chips = nil
	found, err := chips.driver.Init() // what it finds is in gpioioctl.Chips
	if !found {
		return nil // its error says that there are none, as openChips does
	}
	return err
}
