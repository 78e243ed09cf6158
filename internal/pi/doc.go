// Package pi is a Raspberry Pi for tests: an arm64 Linux in QEMU with
// buttons and lamps (gpio-sim), a sound card whose output becomes a WAV file
// on the host, a card that survives reboots, and a network. It is driven
// over its serial console.
package pi
