# Measures the promises of docs/performance.md in the lab, each in turns with something bare that does the same.

bench_usage() {
    cat <<'TEXT'
./dev bench host|node|cni|telemetry [--rounds N] [--plugin PATH] [--only NAME] [--json]
    --rounds N    turns of the quick rows, 7 by default; rows that take seconds have 3 at most
    --only NAME   rows whose name begins so; host: read-256, read-1000, complete, set, pf-list, create-igb, create-nvme, reset;
                  node: node-ledger, node-attach, node-reclaim, node-recovery, node-idle; cni: cni-add, cni-7;
                  telemetry: telemetry-scrape, telemetry-igb, telemetry-memory, telemetry-cpu
    --plugin PATH measures any CNI plugin instead of ours
    --json        one line of JSON for each row at the end
TEXT
}

# publish_bench PROJECT DIRECTORY [native]
publish_bench() {
    local project=$1 directory=$2 framework=${3:-none} rid
    rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    if [ "$framework" = none ]; then
        dotnet publish "$root/$project" -c Release -o "$directory" --nologo -v quiet -clp:NoSummary --no-self-contained >&2
    else
        dotnet publish "$root/$project" -c Release -o "$directory" --nologo -v quiet -clp:NoSummary -r "$rid" \
            -p:VfleetNativeFramework="$framework" -p:PublishAot=true >&2
    fi || die "$project could not be built"
}

# Leaves in $1 all that runs in the guest.
stage_bench() {
    local stage=$1 framework
    framework=${VFLEET_NATIVE:-$(native_framework)}
    say "building the bench"
    publish_bench src/Vfleet.Cli "$stage/jit"
    publish_bench bench/Bench.Empty "$stage/jit-empty"
    publish_bench bench/Bench.Host "$stage" "$framework"
    if [ "$framework" != none ]; then
        publish_bench bench/Bench.Empty "$stage" "$framework"
        cp "$out/vfleet" "$out/sriov" "$stage/"
    else
        cp "$out"/* "$stage/"
    fi
    local peer
    for peer in netlink-get send-bytes vfio-reset peak-memory; do
        gcc -O2 -Wall -Wextra -Werror -pthread -o "$stage/$peer" "$root/bench/$peer.c" || die "bench/$peer.c could not be built"
    done
    cp "$root"/bench/*.sh "$stage/"
}

run_bench() {
    local suite=()
    case ${1:-} in
        host | node | cni | telemetry) suite=(--suite "$1") ;;
        *) bench_usage >&2; exit 2 ;;
    esac
    shift
    need_sdk
    need gcc=gcc ip=iproute2 /usr/lib/cni/host-local=containernetworking-plugins
    is_stale && build_out
    local status=0
    # The guest has file systems of its own on /tmp, /run and /var/lib; /var/tmp it sees.
    bench_stage=$(mktemp -d /var/tmp/vfleet-bench.XXXXXX)
    bench_lab_is_ours=
    trap 'end_bench' EXIT
    trap 'exit 130' INT TERM
    stage_bench "$bench_stage"
    if ! "$out/vfleet" lab status >/dev/null 2>&1; then
        bench_lab_is_ours=yes
        "$out/vfleet" lab up || die "the lab did not start"
    fi
    "$out/vfleet" lab run -- "$bench_stage/Bench.Host" --tools "$bench_stage" "${suite[@]}" "$@" || status=$?
    if ! "$out/vfleet" lab status >/dev/null 2>&1; then
        say "the lab's machine is gone; the rows above were measured before"
    fi
    return $status
}

end_bench() {
    [ -z "$bench_lab_is_ours" ] || "$out/vfleet" lab down >&2 || true
    rm -rf "$bench_stage"
}
