# Shared by ./vfleet, ./dev and .ci/run: where things are, and how to get the .NET SDK.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$root/out
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*" >&2; }

die() {
    say "vfleet: $*"
    exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

# Installs Debian packages that are missing: need PROGRAM=PACKAGE … or /path/to/file=PACKAGE …
need() {
    local wanted=() pair what package
    for pair in "$@"; do
        what=${pair%%=*}
        package=${pair#*=}
        case $what in
            /*) [ -e "$what" ] || wanted+=("$package") ;;
            *) command -v "$what" >/dev/null 2>&1 || wanted+=("$package") ;;
        esac
    done
    [ ${#wanted[@]} = 0 ] && return 0
    is_root || die "these packages are missing: ${wanted[*]}; install them with: apt-get install ${wanted[*]}"
    say "installing ${wanted[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null 2>&1 && return 0
    apt-get update -qq >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >&2 ||
        die "apt-get could not install ${wanted[*]}"
}

# The same for packages that bring a service, which Debian would start: it stays off. Tests start its program themselves.
need_without_service() {
    local policy=/usr/sbin/policy-rc.d pair missing=() code=0
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null 2>&1 || missing+=("$pair")
    done
    [ ${#missing[@]} = 0 ] && return 0
    if is_root && [ ! -e $policy ]; then
        # In a shell of its own, at whose end the policy goes: also where a package cannot be had, or somebody interrupts.
        (
            trap 'rm -f /usr/sbin/policy-rc.d' EXIT
            trap 'exit 130' INT TERM HUP
            printf '#!/bin/sh\nexit 101\n' >$policy
            chmod 755 $policy
            need "${missing[@]}"
        ) || code=$?
    else
        need "${missing[@]}"
    fi
    # Nor does it start with the machine.
    if [ $code = 0 ] && [ -d /run/systemd/system ]; then
        for pair in "${missing[@]}"; do systemctl --quiet disable "${pair#*=}" 2>/dev/null || true; done
    fi
    [ $code = 0 ] || exit $code
}

has_sdk() { command -v dotnet >/dev/null 2>&1 && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

# The .NET 10 SDK: taken where a package source offers it, else explained.
need_sdk() {
    has_sdk && return 0
    if is_root && apt-cache policy dotnet-sdk-10.0 2>/dev/null | grep -q 'Candidate: [0-9]'; then
        say "installing dotnet-sdk-10.0"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq dotnet-sdk-10.0 >&2 && has_sdk && return 0
    fi
    die "the .NET 10 SDK is missing. Get it in one of these ways, then run this again:
  with Microsoft's package source:  apt-get install dotnet-sdk-10.0   (see https://learn.microsoft.com/dotnet/core/install/linux-debian)
  without root, for this user:      https://dot.net/v1/dotnet-install.sh --channel 10.0, then add ~/.dotnet to PATH"
}

# True when out/vfleet is missing or older than a source file.
is_stale() {
    [ -x "$out/vfleet" ] || return 0
    [ -n "$(find "$root/src" "$root/lab" "$root"/*.props -newer "$out/vfleet" -type f \
        \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -path "$root/lab/*" \) -print -quit 2>/dev/null)" ]
}
