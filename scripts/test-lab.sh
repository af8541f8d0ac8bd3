# The lab tier: contract and kernel tests inside the guest, then the command line against the real driver from outside.

lab_dir=

end_lab() {
    [ -n "$lab_dir" ] || return 0
    VFLEET_LAB_DIR=$lab_dir "$out/vfleet" lab down >/dev/null 2>&1 || say "the lab could not be ended: $lab_dir"
    rm -rf "$lab_dir"
    lab_dir=
}

# Runs one assembly's tests in the guest: run_in_guest PROJECT PART-OF-NAME [VARIABLE=VALUE…]
run_in_guest() {
    local project=$1 part=$2 log status=0
    shift 2
    log=$root/artifacts/test-lab-$project.log
    say "── lab (guest): $project"
    rm -rf "$lab_dir/share/$project"
    cp -r "$root/artifacts/bin/$project/debug" "$lab_dir/share/$project"
    (cd / && "$out/vfleet" lab run -- env "$@" dotnet "$lab_dir/share/Vfleet.Guest.Runner/Vfleet.Guest.Runner.dll" \
        "$lab_dir/share/$project/$project.dll" "$part") >"$log" 2>&1 || status=$?
    cat "$log"
    add_counts "$log" $status "$project in the guest"
}

run_lab() {
    # The engines and the address plugin that the tests of the CNI plugin run in the guest.
    need podman=podman conmon=conmon dockerd=docker.io docker-compose=docker-compose iptables=iptables containerd=containerd runc=runc /usr/lib/cni/host-local=containernetworking-plugins /bin/busybox=busybox-static \
        dpdk-testpmd=dpdk-dev tcpdump=tcpdump bpftrace=bpftrace strings=binutils
    is_stale && build_out
    lab_dir=$(mktemp -d /var/tmp/vfleet-lab-XXXXXX)
    trap end_lab EXIT
    export VFLEET_LAB_DIR=$lab_dir
    say "── lab: start"
    if ! "$out/vfleet" lab up >&2; then
        say "the lab did not start"
        failed=$((failed + 1))
        return
    fi
    cp -r "$root/artifacts/bin/Vfleet.Guest.Runner/debug" "$lab_dir/share/Vfleet.Guest.Runner"
    # What a flash of netdevsim's firmware reads.
    (cd / && "$out/vfleet" lab run -- sh -c 'mkdir -p /lib/firmware && echo firmware > /lib/firmware/vfleet-test.bin')
    # The other kernel tests run on the host; these need netdevsim.
    run_in_guest Vfleet.Linux.Tests KernelDevlinkTests VFLEET_TIER=lab
    run_in_guest Vfleet.Contract.Tests '' VFLEET_CONTRACT_KERNEL=linux
    VFLEET_EXECUTABLE=$out/vfleet run_projects lab "FullyQualifiedName~Lab" tests/Vfleet.Lab.Tests
    end_lab
}
