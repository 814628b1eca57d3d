"""A Debian of its own that is run by the real systemd, in namespaces: this machine's /usr and
accounts, everything else empty, and a loopback interface.  Needs root.

    with machine.Machine(folder) as m:
        m.run("systemctl", "start", "x.service")
        m.path("/run/x.sock")       the same file, seen from here
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import process

PROGRAMS = "unshare", "nsenter", "pivot_root", "mount", "ip", "systemctl"
INIT = pathlib.Path("/lib/systemd/systemd")
BOOT_SECONDS = 60
# What is about hardware and about the kernel, which are not the machine's own.
MASKED = ("systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service systemd-udevd.service "
          "systemd-udev-trigger.service systemd-hwdb-update.service systemd-binfmt.service kmod-static-nodes.service "
          "systemd-pstore.service systemd-random-seed.service systemd-timesyncd.service dev-hugepages.mount "
          "dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount "
          "sys-kernel-config.mount proc-sys-fs-binfmt_misc.automount dbus.socket").split()
# Run as process 1 of the new namespaces; ROOT is an empty folder.
BOOT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 machine "$ROOT"
cd "$ROOT"
mkdir -p usr etc/systemd/system proc sys dev run tmp home var/cache var/log var/lib var/tmp srv root old
mount --bind -o ro /usr usr
mount -o remount,bind,ro usr
mount -t tmpfs -o mode=755 local usr/local/bin
for link in bin sbin lib lib32 lib64 libx32; do
	[ ! -L "/$link" ] || cp -P "/$link" .
done
for file in passwd group nsswitch.conf ld.so.cache ld.so.conf ld.so.conf.d; do
	[ ! -e "/etc/$file" ] || cp -r "/etc/$file" etc/
done
echo 0123456789abcdef0123456789abcdef >etc/machine-id
for unit in $MASKED; do
	ln -s /dev/null "etc/systemd/system/$unit"
done
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup
printf '%s\n' "$HIERARCHIES" | while read -r name options; do
	if [ "$name" = . ]; then
		mount -t cgroup2 cgroup sys/fs/cgroup
	elif [ "$options" = 2 ]; then
		mkdir "sys/fs/cgroup/$name"
		mount -t cgroup2 cgroup "sys/fs/cgroup/$name"
	else
		mkdir "sys/fs/cgroup/$name"
		mount -t cgroup -o "$options" cgroup "sys/fs/cgroup/$name"
	fi
done
mount -o remount,bind,ro sys
mount -t tmpfs -o mode=755 dev dev
for name in null zero full random urandom tty; do
	touch "dev/$name"
	mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs shm dev/shm
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
ip link set lo up
pivot_root . old
umount -l /old
exec env -i container=test PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	"$INIT" --system --unit=basic.target --log-target=journal-or-kmsg --log-level=info --show-status=no
"""


class Unavailable(Exception):
    """There can be no such machine here, and why."""


def hierarchies():
    """[(name below /sys/fs/cgroup, mount options, our own group's folder)]; the name is "." and the options
    are 2 where there is the one new hierarchy only."""
    mounts = {}
    for line in pathlib.Path("/proc/self/mountinfo").read_text(encoding="ascii").splitlines():
        before, _, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _, options = after.split(" ", 2)
        if kind in ("cgroup", "cgroup2") and point.startswith("/sys/fs/cgroup"):
            mounts[point] = root, kind, options
    groups = {}
    for line in pathlib.Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
        _, controllers, path = line.split(":", 2)
        groups[frozenset(controllers.split(","))] = path
    found = []
    for point, (root, kind, options) in mounts.items():
        if kind == "cgroup2":
            wanted, option = frozenset([""]), "2"
        else:
            option = ",".join(o for o in options.split(",") if o not in ("rw", "ro"))
            wanted = frozenset(option.split(","))
            option = f"none,{option}" if option.startswith("name=") else option
        path = next((p for c, p in groups.items() if c == wanted), None)
        if path is not None:
            own = pathlib.Path(point, os.path.relpath(path, root))
            found.append((os.path.relpath(point, "/sys/fs/cgroup"), option, own))
    return found


class Machine:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "machine.log"
        self.groups = []
        self.starter = self.pid = None

    def __enter__(self):
        missing = [p for p in PROGRAMS if not shutil.which(p)]
        if os.geteuid():
            raise Unavailable("namespaces need root")
        if missing or not INIT.exists():
            raise Unavailable(f"not installed: {' '.join(missing) or 'systemd'}")
        try:
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def boot(self):
        named = hierarchies()
        if not named:
            raise Unavailable("no control groups")
        self.make_groups(named)
        root = self.folder / "root"
        root.mkdir()
        environment = {**os.environ, "ROOT": str(root), "INIT": str(INIT), "MASKED": " ".join(MASKED),
                       "HIERARCHIES": "\n".join(f"{name} {option}" for name, option, _ in named)}
        # The shell is in its own groups before they become the machine's roots.
        enter = 'for group in "$@"; do echo $$ >"$group/cgroup.procs" || exit; done; exec ' \
                'unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup sh -c "$BOOT"'
        self.starter = process.Process(["sh", "-c", enter, "sh", *self.groups], self.log,
                                       env={**environment, "BOOT": BOOT})
        self.pid = self.wait_until_up()

    def make_groups(self, named):
        for _, _, own in named:
            group = own / f"cartolina-test-{os.getpid()}"
            try:
                group.mkdir()
                self.groups.append(group)
                for name in ("cpuset.cpus", "cpuset.mems"):  # without them nothing may run there
                    if (group / name).exists() and not (group / "cgroup.controllers").exists():
                        (group / name).write_text((own / name).read_text())
            except OSError as error:
                raise Unavailable(f"control groups are not ours to make: {error}") from None

    def wait_until_up(self):
        """The number of its process 1."""
        end = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < end and self.starter.child.poll() is None:
            for self.pid in process.children(self.starter.pid):
                if pathlib.Path(f"/proc/{self.pid}/comm").read_text(encoding="ascii") == "systemd\n" and \
                        self.try_to("systemctl", "is-system-running")[1] in ("running\n", "degraded\n"):
                    return self.pid
            time.sleep(0.1)
        raise Unavailable(f"systemd does not start: {self.log.read_text(errors='replace')[-500:]}")

    def try_to(self, *argv, seconds=60):
        """(exit status, what it said)"""
        done = subprocess.run(["nsenter", "-t", str(self.pid), "-a", *map(str, argv)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def run(self, *argv, seconds=60):
        status, text = self.try_to(*argv, seconds=seconds)
        assert status == 0, f"{argv}: {status}: {text}"
        return text

    def path(self, inside):
        return pathlib.Path(f"/proc/{self.pid}/root{inside}")

    def show(self, unit, name):
        return self.run("systemctl", "show", unit, "-p", name, "--value").strip()

    def __exit__(self, *_):
        if self.starter and self.starter.child.poll() is None:
            # Process 1 takes the whole machine with it.
            for pid in process.children(self.starter.pid):
                os.kill(pid, signal.SIGKILL)
            self.starter.child.wait(30)
        for group in self.groups:
            self.remove_group(group)

    @staticmethod
    def remove_group(group):
        end = time.monotonic() + 10
        while group.exists() and time.monotonic() < end:
            for folder, _, _ in os.walk(group, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    time.sleep(0.05)


def exec_start(unit):
    """The program that a unit's file names."""
    return re.search(r"^ExecStart=(\S+)", pathlib.Path(unit).read_text(encoding="utf-8"), re.M)[1]
