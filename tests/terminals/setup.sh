#!/usr/bin/env bash
# Installs what the lane of real terminals needs, on Debian: setup.sh [DIR]
# With xterm.js, which npm has, beside it in xterm_js/node_modules. With DIR, as root, a newer Debian is made
# in there for its kitty and tmux; `NEWER_DEBIAN=DIR python -m pytest -m terminals` tries these, too, and
# `findmnt -rno TARGET | grep ^DIR/ | tac | xargs umount -l` lets go of what it sees of this machine.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=()
for package in xvfb xdotool xterm kitty konsole mlterm foot weston tmux chromium gnome-terminal alacritty stterm \
    qterminal dbus-x11 dbus-daemon libgl1-mesa-dri fonts-dejavu-core ncurses-term; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || packages+=("$package")
done
command -v npm >/dev/null || packages+=(nodejs npm)
if ((${#packages[@]})); then
    as_root=()
    [[ $EUID == 0 ]] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi
npm install --silent --no-audit --no-fund --prefix "$here/xterm_js"

[[ $# -gt 0 ]] || exit 0
newer=$1
if [[ ! -x $newer/usr/bin/tmux ]]; then
    apt-get install -y -qq --no-install-recommends debootstrap
    debootstrap --variant=minbase --include=tmux,kitty,xterm,libgl1,libglx-mesa0,libgl1-mesa-dri,dbus,ncurses-term,fonts-dejavu-core \
        trixie "$newer" http://deb.debian.org/debian
    chroot "$newer" dbus-uuidgen --ensure=/etc/machine-id
fi
for seen in "$(cd "$here/../.." && pwd)" "$(python3 -c 'import sys; print(sys.prefix)')" /root /tmp /proc /dev; do
    mkdir -p "$newer$seen"
    mountpoint -q "$newer$seen" || mount --rbind "$seen" "$newer$seen"
    mount --make-rslave "$newer$seen"
done
