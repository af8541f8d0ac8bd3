#!/bin/sh
# The bare loop that Bench.Host is compared with: writes the count with autoprobe off, then binds each VF to vfio-pci.
# No program is started on the way, nothing is checked.      create.sh PF-BDF COUNT
pf=/sys/bus/pci/devices/$1
echo 0 > $pf/sriov_drivers_autoprobe
echo $2 > $pf/sriov_numvfs
i=0
while [ $i -lt $2 ]; do
    cd -P $pf/virtfn$i || exit 1
    echo vfio-pci > driver_override
    echo ${PWD##*/} > /sys/bus/pci/drivers_probe
    i=$((i + 1))
done
