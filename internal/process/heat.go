package process

import (
	"os"
	"strconv"
	"strings"
)

// heatFile is the kernel's word of the first thermal zone, on a Pi the
// processor: thousandths of a degree Celsius
// (docs.kernel.org/driver-api/thermal/sysfs-api.html).
var heatFile = "/sys/class/thermal/thermal_zone0/temp"

// Heat is how hot the processor is, in tenths of a degree Celsius; 0: the
// machine does not say.
func Heat() int {
	data, err := os.ReadFile(heatFile)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || n < -100_000 || n > 250_000 {
		return 0
	}
	return n / 100
}
