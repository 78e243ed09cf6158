#!/bin/busybox sh
# The emulated Pi's first process: brings up what a van's Pi has, starts the agent if there is one, and takes commands
# from the console, one a line. Each answers with "@done <exit code>".
/bin/busybox mkdir -p /bin /sbin /proc /sys /dev /tmp /run /data
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t configfs configfs /sys/kernel/config
[ -b /dev/vda ] && mount -t ext4 /dev/vda /data

ip link set lo up
ip addr add 10.0.2.15/24 dev eth0 && ip link set eth0 up && ip route add default via 10.0.2.2

# The header pins of a Pi by name: buttons and lamps of the van.
sim=/sys/kernel/config/gpio-sim/van
mkdir -p $sim/bank0
echo 28 >$sim/bank0/num_lines
for n in 5 6 12 13 16 17 22 23 24 25 26 27; do
	mkdir $sim/bank0/line$n
	echo GPIO$n >$sim/bank0/line$n/name
done
echo 1 >$sim/live
chip=$(echo /sys/devices/platform/gpio-sim.*/gpiochip*)

pull() { echo "pull-$2" >"$chip/sim_gpio$1/pull"; }
value() { cat "$chip/sim_gpio$1/value"; }
# press PIN MILLISECONDS: a press of a button that is pulled up
press() { pull "$1" down; usleep $(($2 * 1000)); pull "$1" up; }
for n in 12 16 17 22 23 24 25 26 27; do pull $n up; done

for card in Intel Device; do amixer -q -c $card sset Master 100% unmute 2>/dev/null; done

agent() { /usr/bin/ark-agent "$@" >/tmp/agent.log 2>&1 & echo $! >/tmp/agent.pid; }
[ -f /etc/ark/start ] && . /etc/ark/start

echo "@ready"
while read -r line; do
	eval "$line"
	echo "@done $?"
done
poweroff -f
