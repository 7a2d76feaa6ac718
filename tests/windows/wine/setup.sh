#!/usr/bin/env bash
# Lay a real Windows CPython 3.11, with what a project requires, in a folder, to be run under wine.
#
#   setup.sh DIR REQUIREMENTS
#
# DIR/run is then the command (see run.py, of which it is a copy). REQUIREMENTS is the project's
# requirements.txt, or tests/requirements.txt, whose lines `-r FILE` are followed; what has no wheel
# for Windows is left out, and told. Run again after a change: only what changed is done again. Wants
# apt (as root or with sudo) and pip; takes some minutes.
set -euo pipefail

#: The wheel that holds a whole Windows interpreter, python311.dll and its modules, in deploy_libs/.
interpreter_wheel='panda3d==1.10.16'
for_windows=(--platform win_amd64 --implementation cp --python-version 3.11 --only-binary=:all:)
mingw=x86_64-w64-mingw32-gcc

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# == 2 ]] || { sed -n '4,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[[ -f $2 ]] || { echo "setup.sh: there is no file of requirements at $2" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
requirements=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
log=$dir/setup.log
: >"$log"

step() { printf '%4d s  %s\n' "$SECONDS" "$*" | tee -a "$log"; }
fail() {
    tail -n 15 "$log" >&2
    printf 'setup.sh: %s The whole log is %s\n' "$*" "$log" >&2
    exit 1
}
# Run a command with its words in the log: logged 'what to say where it fails' COMMAND…
logged() {
    local complaint=$1
    shift
    "$@" >>"$log" 2>&1 || fail "$complaint"
}
# Whether a thing was made from the same sources before: is_same NAME FILE…; keep NAME notes it.
is_same() {
    local name=$1
    shift
    cat "$@" | sha256sum >"$dir/.$name.now"
    cmp -s "$dir/.$name.now" "$dir/.$name"
}
keep() { mv "$dir/.$1.now" "$dir/.$1"; }

# Debian's packages
packages=()
for package in wine wine64 gcc-mingw-w64-x86-64-win32; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>>"$log") == installed ]] || packages+=("$package")
done
python3 -m pip --version >>"$log" 2>&1 || packages+=(python3-pip)
if ((${#packages[@]})); then
    step "apt: ${packages[*]}"
    as_root=()
    [[ $EUID == 0 ]] || as_root=(sudo)
    logged 'apt-get update failed.' "${as_root[@]}" apt-get update
    logged 'apt-get could not install these.' "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${packages[@]}"
fi

# The interpreter: DLLs from the wheel, Lib from a Python 3.11 of this machine, the rest built
wine_ucrt=$(dpkg -L libwine | grep '/x86_64-windows/ucrtbase\.dll$') || fail 'libwine has no ucrtbase.dll.'
if ! is_same python "$here"/build/{python.c,complex.c,prng.c,exports.py} "$wine_ucrt" <(echo "$interpreter_wheel"); then
    lib=
    for candidate in python3.11 python3; do
        lib=$("$candidate" -c 'import sys, sysconfig
print(sysconfig.get_path("stdlib") if sys.version_info[:2] == (3, 11) else "")' 2>>"$log") || continue
        [[ -z $lib ]] || break
    done
    [[ -n $lib ]] || fail 'Lib is taken from a Python 3.11, and this machine has none.'
    step "interpreter: $interpreter_wheel for Windows, by pip (65 MB)"
    work=$dir/python.new
    rm -rf "$work" "$dir/python" "$dir/.requirements"
    mkdir -p "$work/wheel" "$work/obj" "$work/python/DLLs"
    logged 'pip could not download it.' python3 -m pip download --no-deps "${for_windows[@]}" \
        --dest "$work/wheel" "$interpreter_wheel"
    logged 'The wheel has no interpreter in deploy_libs/.' python3 -m zipfile -e "$work"/wheel/*.whl "$work/wheel"
    cd "$work/wheel/deploy_libs"
    rm -f api-ms-win-*.dll # wine has its own
    mv python311.dll VCRUNTIME140.dll "$work/python/"
    mv ./*.pyd ./*.dll "$work/python/DLLs/"
    step "interpreter: Lib from $lib"
    tar -C "$lib" --dereference --exclude='__pycache__' --exclude='./site-packages' --exclude='./dist-packages' \
        --exclude='./lib-dynload' --exclude='./config-*' --exclude='./_sysconfigdata*' --exclude='./test' \
        --exclude='./idlelib' --exclude='./EXTERNALLY-MANAGED' --exclude='./sitecustomize.py' \
        -cf - . | (mkdir "$work/python/Lib" && tar -C "$work/python/Lib" -xf -)
    step 'interpreter: python.exe, and the DLLs that are missing, by mingw'
    cd "$work/obj"
    logged 'python.exe does not build.' "$mingw" -O2 -municode -o "$work/python/python.exe" "$here/build/python.c"
    : >empty.c
    python3 "$here/build/exports.py" python3 "$work/python/python311.dll" >python3.def 2>>"$log" ||
        fail 'The exports of python311.dll cannot be listed.'
    logged 'python3.dll does not build.' "$mingw" -shared -o "$work/python/python3.dll" empty.c python3.def
    # A copy of wine's own ucrtbase under another name, which wine takes only if it is not marked as its own
    sed 's/Wine builtin DLL/Wine builtin dll/' "$wine_ucrt" >"$work/python/ucrtwine.dll"
    logged 'complex.c does not build.' "$mingw" -O2 -fno-builtin -c -o complex.o "$here/build/complex.c"
    python3 "$here/build/exports.py" ucrtbase "$work/python/ucrtwine.dll" complex.o >ucrtbase.def 2>>"$log" ||
        fail "The exports of wine's ucrtbase.dll cannot be listed."
    logged 'ucrtbase.dll does not build.' "$mingw" -shared -static-libgcc -o "$work/python/ucrtbase.dll" complex.o ucrtbase.def
    # Extensions in Rust, such as cryptography's, ask for it; wine 8 has none
    logged 'prng.c does not build.' "$mingw" -shared -static-libgcc -O2 \
        -o "$work/python/bcryptprimitives.dll" "$here/build/prng.c" -ladvapi32
    cd "$dir"
    mv "$work/python" "$dir/python"
    rm -rf "$work"
    keep python
fi

# What the project requires
flat() {
    local line
    while read -r line; do
        case $line in
            '' | '#'*) ;;
            '-r '*) flat "$(dirname "$1")/${line#-r }" ;;
            *) printf '%s\n' "${line%%[[:space:]]#*}" ;;
        esac
    done <"$1"
}
flat "$requirements" >"$dir/requirements.txt"
if ! is_same requirements "$dir/requirements.txt" "$here/build/pip_for_windows.py"; then
    step "requirements: $(wc -l <"$dir/requirements.txt") of $(basename "$requirements"), by pip"
    target=$dir/python/Lib/site-packages
    pip=(python3 "$here/build/pip_for_windows.py" install "${for_windows[@]}" --ignore-installed
        --no-warn-conflicts --root-user-action ignore --target "$target")
    rm -rf "$target"
    if ! "${pip[@]}" -r "$dir/requirements.txt" >>"$log" 2>&1; then
        grep -q 'No matching distribution' "$log" || fail 'pip could not install them.'
        rm -rf "$target"
        : >"$dir/requirements.some"
        while read -r requirement; do
            if words=$("${pip[@]}" --dry-run "$requirement" 2>&1); then
                echo "$requirement" >>"$dir/requirements.some"
            elif grep -q 'No matching distribution' <<<"$words"; then
                step "requirements: left out, no wheel for Windows: $requirement"
            else
                echo "$words" >>"$log"
                fail "pip could not look up $requirement."
            fi
        done <"$dir/requirements.txt"
        logged 'pip could not install them.' "${pip[@]}" -r "$dir/requirements.some"
    fi
    keep requirements
fi

# Wine's own folder, and the command
cp "$here/run.py" "$dir/run"
chmod +x "$dir/run"
if [[ ! -f $dir/prefix/system.reg ]]; then
    step 'wine: a prefix of its own'
    logged 'wine could not make its folder.' "$dir/run" --make-prefix
fi
step 'check'
said=$("$dir/run" --limit 120 "$here/build/check.py" 2>>"$log") || fail 'The Windows Python does not work.'
step "ready: $said; the command is $dir/run"
