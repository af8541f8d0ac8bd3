#!/bin/sh
# What udhcpc and dhclient call when something changes: the interface gets its address and its way out, and nothing of the machine's own is touched, such
# as /etc/resolv.conf, which this network namespace shares with everybody.
set -eu
case "${reason:-${1:-}}" in
bound | renew | BOUND | RENEW | REBIND | REBOOT)
    ip -4 address replace "${new_ip_address:-${ip:-}}/${new_subnet_mask:-${mask:-}}" dev "$interface"
    for router in ${new_routers:-${router:-}}; do
        ip -4 route replace default via "$router" dev "$interface"
        break
    done
    ;;
deconfig | EXPIRE | FAIL | STOP | RELEASE) ip -4 address flush dev "$interface" ;;
esac
