# Prepares the guest for containers on VFs: plugins, a network of each VLAN, an image of a static busybox, containerd. Arguments: PF SRIOV
set -e
pf=$1 plugin=$2
root=/run/lab-containers
rm -rf $root
mkdir -p $root/image/bin $root/archive/layer $root/nets /opt/cni/bin /etc/containers /var/lib/lab-podman /var/lib/lab-containerd
cp "$plugin" /opt/cni/bin/sriov
for name in host-local loopback; do ln -sf /usr/lib/cni/$name /opt/cni/bin/$name; done
cp /bin/busybox $root/image/bin/
for name in sh ping sleep ip; do ln -s busybox $root/image/bin/$name; done
tar -C $root/image -cf $root/archive/layer/layer.tar bin
sum=$(sha256sum $root/archive/layer/layer.tar | cut -d' ' -f1)
echo '{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:'$sum'"]}}' >$root/archive/config.json
echo '[{"Config":"config.json","RepoTags":["lab.example/busybox:1"],"Layers":["layer/layer.tar"]}]' >$root/archive/manifest.json
tar -C $root/archive -cf $root/busybox.tar manifest.json config.json layer
for vlan in 100 200; do
    cat >$root/nets/fast$vlan.conflist <<END
{"cniVersion":"0.4.0","name":"fast$vlan","plugins":[{"type":"sriov","pool":"$pf","vlan":$vlan,
 "ipam":{"type":"host-local","subnet":"10.5.0.0/24","rangeStart":"10.5.0.$((vlan / 10))","dataDir":"$root/addresses$vlan"}}]}
END
done
cat >/etc/containers/containers.conf <<END
[network]
network_backend="cni"
cni_plugin_dirs=["/opt/cni/bin","/usr/lib/cni"]
network_config_dir="$root/nets"
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
runtime="runc"
END
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >/etc/containers/policy.json
cat >$root/containerd.toml <<END
version = 2
root = "/var/lib/lab-containerd"
state = "$root/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$root/containerd.sock"
END
