# Many random lives of a node on a simulated machine, until one breaks an invariant.

run_simulate() {
    need_sdk
    dotnet build "$root/tests/Vfleet.Simulate" -c Release --nologo -v quiet -clp:NoSummary >&2 || die "the build failed"
    exec "$root/artifacts/bin/Vfleet.Simulate/release/Vfleet.Simulate" "$@"
}
