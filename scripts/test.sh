# Every tier, ending with the line "N passed, N failed, N skipped".

passed=0 failed=0 skipped=0

# Adds a test run's closing lines to the sums; a run that died without one counts as a failure.
add_counts() {
    local log=$1 status=$2 what=$3 lines
    lines=$(grep -E '^ *(Passed|Failed|Skipped)! +- Failed: ' "$log" || true)
    if [ -z "$lines" ]; then
        say "$what: no test ran (exit code $status)"
        failed=$((failed + 1))
        return
    fi
    while IFS= read -r line; do
        failed=$((failed + $(sed -E 's/.*Failed: +([0-9]+).*/\1/' <<<"$line")))
        passed=$((passed + $(sed -E 's/.*Passed: +([0-9]+).*/\1/' <<<"$line")))
        skipped=$((skipped + $(sed -E 's/.*Skipped: +([0-9]+).*/\1/' <<<"$line")))
    done <<<"$lines"
    if [ "$status" != 0 ] && ! grep -qE 'Failed: +[1-9]' "$log"; then
        say "$what: exit code $status although no test failed"
        failed=$((failed + 1))
    fi
}

run_projects() {
    local tier=$1 filter=$2 project log status
    shift 2
    for project in "$@"; do
        log=$root/artifacts/test-$tier-$(basename "$project").log
        status=0
        dotnet test "$root/artifacts/bin/$(basename "$project")/debug/$(basename "$project").dll" --nologo \
            --filter "$filter" --logger 'console;verbosity=minimal' >"$log" 2>&1 || status=$?
        # A project without tests of this tier says so and is no failure.
        grep -q 'No test matches the given testcase filter' "$log" && continue
        say "── $tier: $(basename "$project")"
        grep -vE '^(Test run for|A total of|VSTest|Starting test|$)' "$log" || true
        add_counts "$log" $status "$project"
    done
}

run_tests() {
    local tiers=${*:-unit kernel lab} tier filter host_projects=() project
    # The lab's own project needs the lab: scripts/test-lab.sh.
    for project in tests/*.Tests; do
        [ "$(basename "$project")" = Vfleet.Lab.Tests ] || host_projects+=("$project")
    done
    need_sdk
    # They judge the rules, the routes and the dashboards' queries.
    need_without_service promtool=prometheus prometheus-alertmanager=prometheus-alertmanager amtool=prometheus-alertmanager
    # The shells are there to try the completion scripts, the two after them to get an address by DHCP, the last to capture.
    need ip=iproute2 modprobe=kmod zsh=zsh fish=fish busybox=busybox-static dhclient=isc-dhcp-client tcpdump=tcpdump
    say "── build"
    dotnet build Vfleet.slnx --nologo -v quiet -clp:NoSummary || die "the build failed"
    for tier in $tiers; do
        case $tier in
            unit) run_projects unit 'FullyQualifiedName!~.Kernel' "${host_projects[@]}" ;;
            kernel)
                filter='FullyQualifiedName~.Kernel'
                if [ ! -d /sys/bus/netdevsim ]; then
                    say "this kernel has no netdevsim: KernelDevlinkTests run in the lab tier only"
                    filter="$filter&FullyQualifiedName!~.KernelDevlinkTests"
                fi
                run_projects kernel "$filter" "${host_projects[@]}"
                ;;
            lab) . "$root/scripts/test-lab.sh"; run_lab ;;
            *) die "no tier $tier: unit, kernel, lab" ;;
        esac
    done
    printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
    [ $failed = 0 ] && [ $passed -gt 0 ]
}
