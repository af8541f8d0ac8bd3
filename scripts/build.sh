# Leaves the executables in out/: natively compiled where a native compiler can be had, else for the installed runtime.

publish() {
    local project
    for project in Vfleet.Cni Vfleet.Cli; do
        dotnet publish "$root/src/$project" -c Release -o "$1" --nologo -v quiet -clp:NoSummary "${@:2}" || return
    done
}

# The framework whose native compiler restores here: net10.0, else net9.0, else none (docs/decisions/0002-native-net9.md).
native_framework() {
    local note=$root/artifacts/native-framework framework rid
    if [ -s "$note" ]; then
        cat "$note"
        return
    fi
    mkdir -p "$root/artifacts"
    rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    for framework in net10.0 net9.0; do
        if dotnet restore "$root/src/Vfleet.Cli" -r "$rid" -p:VfleetNativeFramework=$framework -p:PublishAot=true >/dev/null 2>&1; then
            echo "$framework" | tee "$note"
            return
        fi
    done
    echo none | tee "$note"
}

build_out() {
    need_sdk
    local framework rid staging=$root/artifacts/out-new
    rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    rm -rf "$staging"
    framework=${VFLEET_NATIVE:-$(native_framework)}
    if [ "$framework" != none ] && ! command -v gcc >/dev/null 2>&1 && ! is_root; then
        say "gcc is missing: building for the installed runtime instead of natively"
        framework=none
    fi
    if [ "$framework" = none ]; then
        say "building vfleet for the installed .NET runtime"
        publish "$staging" --no-self-contained || die "the build failed"
    else
        need gcc=gcc /usr/include/zlib.h=zlib1g-dev /usr/include/sqlite3.h=libsqlite3-dev
        say "building vfleet natively ($framework)"
        publish "$staging" -r "$rid" -p:VfleetNativeFramework="$framework" -p:PublishAot=true || die "the build failed"
    fi
    rm -f "$staging"/*.dbg "$staging"/*.xml
    touch "$staging/vfleet"
    rm -rf "$out"
    mv "$staging" "$out"
}
