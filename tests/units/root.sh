#!/bin/bash
# usage, in namespaces of its own for mounts, processes, names and cgroups: root.sh FOLDER
# Becomes the first process, systemd, of a root that is this machine's own with all that is written
# to it below FOLDER; what lies in FOLDER/lay is laid over it. A chroot would not do: from one, no
# unit could have users of its own.
set -euo pipefail
folder=$1
root=$folder/root
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
umount -l "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for place in run tmp var/lib/labapp; do
  mkdir -p "$root/$place"
  mount -t tmpfs tmpfs "$root/$place"
done
mount -t tmpfs tmpfs "$root/dev" -o mode=755
mkdir "$root/dev/shm" "$root/dev/pts"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts devpts "$root/dev/pts" -o newinstance,ptmxmode=0666
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
: > "$root/etc/fstab"
cp -r "$folder/lay/." "$root/"
chroot "$root" /usr/sbin/useradd --system --home-dir /var/lib/labapp --shell /usr/sbin/nologin labapp
chroot "$root" /usr/bin/python3 -m venv --without-pip /opt/labapp/.venv
for packages in "$root"/opt/labapp/.venv/lib/python3*/site-packages; do
  echo "$PACKAGES" > "$packages/lane.pth"
done
cd "$root"
mkdir -p .before
pivot_root . .before
umount -l /.before
exec env -i container=lane PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=lane.target --show-status=no --log-target=null
