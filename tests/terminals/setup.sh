#!/usr/bin/env bash
# Installs what the lane of real terminals needs, on Debian: setup.sh
# With xterm.js, which npm has, beside it in xterm_js/node_modules.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=()
for package in xvfb xdotool xterm kitty konsole mlterm foot weston tmux chromium gnome-terminal dbus-x11 \
    dbus-daemon libgl1-mesa-dri fonts-dejavu-core imagemagick ncurses-term; do
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
